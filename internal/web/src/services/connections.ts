import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Connection = components['schemas']['Connection']
export type ResumeMode = components['schemas']['Resume']['mode']

/** The workspace's linked accounts, by name. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: async ({ signal }) => {
    const { items } = await take(api.GET('/v1/connections', { signal }))
    return items.filter((c) => c.status !== 'disconnected').sort((a, b) => a.name.localeCompare(b.name))
  },
  refetchInterval: 60_000,
})

export async function disconnect(id: string): Promise<void> {
  await take(api.DELETE('/v1/connections/{connection_id}', { params: { path: { connection_id: id } } }))
}

export type HealthLine = components['schemas']['HealthLine']
export type AuditEntry = components['schemas']['AuditEntry']

/** One account; a disconnected one is still there. */
export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/connections/{connection_id}', { params: { path: { connection_id: id } }, signal })),
    refetchInterval: 30_000,
  })

/** What the newest pings of an account saw, newest first. */
export const healthQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', id, 'health'],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET('/v1/connections/{connection_id}/health', {
            params: { path: { connection_id: id } },
            signal,
          }),
        )
      ).items,
    refetchInterval: 60_000,
  })

/** What happened to an account, newest first. */
export const trailQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', id, 'trail'],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/v1/audit', { params: { query: { connection_id: id } }, signal }))).items,
  })

/** Stops publishing to an account for now. */
export const pauseConnection = (id: string) =>
  take(api.POST('/v1/connections/{connection_id}/pause', { params: { path: { connection_id: id } } }))

/** Publishes to a paused account again. */
export const unpauseConnection = (id: string) =>
  take(api.POST('/v1/connections/{connection_id}/unpause', { params: { path: { connection_id: id } } }))

/** Says what becomes of the posts that waited for an account. */
export async function resumeConnection(id: string, mode: ResumeMode): Promise<void> {
  const path = { connection_id: id }
  await take(api.POST('/v1/connections/{connection_id}/resume', { params: { path }, body: { mode } }))
}

/** Somebody must do something before this account publishes again, or soon will have to. */
export function needsCare(c: Connection): boolean {
  return c.status === 'blocked' || c.status === 'expiring'
}
