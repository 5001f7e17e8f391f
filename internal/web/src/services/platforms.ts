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

export type Login = components['schemas']['Login']

/** The login by which something was linked; what is older than the choice was linked by the first. */
export function loginOf(platform: PlatformInfo | undefined, id: string | undefined): Login | undefined {
  return platform?.logins.find((l) => l.id === id) ?? platform?.logins[0]
}

/** Whether Herald can delete a post from such an account. */
export function canDelete(
  platform: PlatformInfo | undefined,
  account: { kind: string; login: string },
): boolean {
  const kind = platform?.accounts.find((a) => a.kind === account.kind)
  return Boolean(kind?.can_delete) && !loginOf(platform, account.login)?.cannot_delete?.includes(account.kind)
}

/** What can be done to a published post only on its platform, as a sentence; null = nothing. */
export function onlyThere(
  platforms: PlatformInfo[],
  job: { kind: string; connection: { platform: string; kind: string; login: string } },
): string | null {
  const platform = platforms.find((p) => p.platform === job.connection.platform)
  const account = platform?.accounts.find((a) => a.kind === job.connection.kind)
  if (!account) return null
  const shows = !account.posts.find((p) => p.kind === job.kind)?.text.none
  const deeds = [
    ...(account.can_edit || !shows ? [] : ['edited']),
    ...(canDelete(platform, job.connection) ? [] : ['deleted']),
  ]
  return deeds.length === 0
    ? null
    : `Posts on ${account.title} can be ${deeds.join(' and ')} only in its app.`
}

/** Where the browser goes to link accounts, or to renew the access of one. It leaves this page. */
export function startURL(
  platform: string,
  {
    login,
    reconnect,
    returnTo = '/accounts',
  }: { login?: string; reconnect?: string; returnTo?: string } = {},
): string {
  const query = new URLSearchParams({
    return_to: returnTo,
    ...(login ? { login } : {}),
    ...(reconnect ? { reconnect } : {}),
  })
  return `/v1/oauth/${encodeURIComponent(platform)}/start?${query.toString()}`
}
