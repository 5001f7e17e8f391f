import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type WebhookEvent = components['schemas']['WebhookEvent']

/** What the platforms told, newest first. */
export const eventsQuery = (failed: boolean) =>
  infiniteQueryOptions({
    queryKey: ['events', 'list', failed],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/webhooks/events', {
          params: {
            query: {
              limit: 50,
              ...(failed ? { state: 'failed' as const } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    // What is received is applied in a moment.
    refetchInterval: (query) =>
      query.state.data?.pages.some((p) => p.items.some((e) => e.state === 'received')) ? 2000 : 15_000,
  })

/** One event with what the platform sent. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/webhooks/events/{event_id}', { params: { path: { event_id: id } }, signal })),
  })

/** Applies an event again; one that was applied already changes nothing. */
export const replayEvent = (id: string) =>
  take(api.POST('/v1/webhooks/events/{event_id}/replay', { params: { path: { event_id: id } } }))

/** Applies the failed events since a moment again. */
export const replaySince = (since: Date) =>
  take(api.POST('/v1/webhooks/events/replay', { body: { since: since.toISOString() } }))

const kinds: Record<WebhookEvent['kind'], string> = {
  deauthorized: 'App removed',
  data_deletion: 'Data deletion',
  permission_changed: 'Permission changed',
  comment: 'Comment',
  other: 'Other notice',
}

export const kindWord = (e: WebhookEvent) => kinds[e.kind]
