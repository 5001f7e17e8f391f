import type { AccountKind, PlatformInfo, PostKind } from '@/services/platforms'
import type { Connection } from '@/services/connections'

export interface Attached {
  type: string
  bytes: number
}

/** What can be posted to a linked account; undefined when the platform is not known any more. */
export function accountKindOf(
  platforms: PlatformInfo[],
  c: Pick<Connection, 'platform' | 'kind'>,
): AccountKind | undefined {
  return platforms.find((p) => p.platform === c.platform)?.accounts.find((a) => a.kind === c.kind)
}

/** The kinds of post these files make possible on an account. */
export function fittingKinds(account: AccountKind, media: Attached[]): PostKind[] {
  return account.posts.filter(
    (k) =>
      media.length >= k.media.min &&
      media.length <= k.media.max &&
      media.every((m) => k.media.files?.some((f) => f.types.includes(m.type)) ?? false),
  )
}

/**
 * The kind of post that will be made: the chosen one if it fits, else the first that does. When none fits, the
 * nearest one, so that its limits can be shown; what is wrong is said by the check.
 */
export function kindFor(account: AccountKind, media: Attached[], chosen?: string): PostKind | undefined {
  const fitting = fittingKinds(account, media)
  return (
    fitting.find((k) => k.kind === chosen) ??
    fitting[0] ??
    account.posts.find((k) => (media.length > 0 ? k.media.max > 0 : k.media.min === 0)) ??
    account.posts[0]
  )
}

/** Every type of file that at least one of the kinds takes: what the file chooser offers. */
export function acceptedTypes(accounts: AccountKind[]): string[] {
  return [...new Set(accounts.flatMap((a) => a.posts.flatMap((p) => (p.media.files ?? []).flatMap((f) => f.types))))]
}

/** Why a file cannot go to any of the chosen accounts, before a byte is sent; null when it can. */
export function refusal(file: Attached & { name: string }, accounts: AccountKind[]): string | null {
  const limits = accounts.flatMap((a) => a.posts.flatMap((p) => p.media.files ?? []))
  if (limits.length === 0) return null
  const byType = limits.filter((f) => f.types.includes(file.type))
  if (byType.length === 0) return `${file.name} is of a type that none of the chosen accounts takes.`
  const largest = Math.max(...byType.map((f) => f.max_bytes || Number.POSITIVE_INFINITY))
  if (file.bytes > largest) {
    return `${file.name} is ${megabytes(file.bytes)} MB; the most that can be sent is ${megabytes(largest)} MB.`
  }
  return null
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1).replace(/\.0$/, '')
}
