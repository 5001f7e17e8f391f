import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Workspace = components['schemas']['Workspace']
export type PlatformFlag = components['schemas']['PlatformSwitch']

/** Which platforms the workspace has switched on. */
export const flagsQuery = queryOptions({
  queryKey: ['workspace', 'platforms'],
  queryFn: async ({ signal }) => (await take(api.GET('/v1/workspace/platforms', { signal }))).items,
})

/** The workspace with its settings; a session's answer has only some of them. */
export const workspaceQuery = queryOptions({
  queryKey: ['workspace', 'settings'],
  queryFn: ({ signal }) => take(api.GET('/v1/workspace', { signal })),
})

export async function changeWorkspace(change: components['schemas']['WorkspaceChange']): Promise<Workspace> {
  return take(api.PATCH('/v1/workspace', { body: change }))
}

export async function switchPlatform(platform: string, on: boolean): Promise<void> {
  await take(api.PUT('/v1/workspace/platforms/{platform}', { params: { path: { platform } }, body: { on } }))
}
