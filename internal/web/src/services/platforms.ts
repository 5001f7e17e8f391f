import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type PlatformInfo = components['schemas']['Platform']
export type AccountKind = components['schemas']['AccountKind']
export type PostKind = components['schemas']['PostKind']

/** Everything Herald knows about the platforms: what can be linked, what can be posted, every limit. */
export const platformsQuery = queryOptions({
  queryKey: ['platforms'],
  queryFn: async ({ signal }) => (await take(api.GET('/v1/platforms', { signal }))).items,
  staleTime: 5 * 60_000,
})

/** Where the browser goes to link accounts, or to renew the access of one. It leaves this page. */
export function startURL(platform: string, reconnect?: string, returnTo = '/accounts'): string {
  const query = new URLSearchParams({ return_to: returnTo, ...(reconnect ? { reconnect } : {}) })
  return `/v1/oauth/${encodeURIComponent(platform)}/start?${query.toString()}`
}
