import type { AccountKind, PlatformInfo, PostKind } from '@/services/platforms'
import type { Draft } from '@/compose/draft'
import { settled } from './options.ts'
import type { Connection } from '@/services/connections'

export interface Attached {
  type: string
  bytes: number
  width?: number // 0 or absent = not known
  height?: number
  duration_ms?: number // of a video
}

/** What can be posted to a linked account; undefined when the platform is not known any more. */
export function accountKindOf(
  platforms: PlatformInfo[],
  c: Pick<Connection, 'platform' | 'kind'>,
): AccountKind | undefined {
  return platforms.find((p) => p.platform === c.platform)?.accounts.find((a) => a.kind === c.kind)
}

/** The kinds of post these files make possible on an account. What also needs a link is among them: it can be given. */
export function fittingKinds(account: AccountKind, media: Attached[]): PostKind[] {
  return account.posts.filter(
    (k) =>
      media.length >= k.media.min &&
      media.length <= k.media.max &&
      media.every((m) => k.media.files?.some((f) => f.types.includes(m.type)) ?? false),
  )
}

/**
 * Only a person picks such a kind: it shows no text (a story), or nothing but its options tells it from a text (a poll).
 * The same rule as connector.PostKind.OnlyChosen.
 */
export function onlyChosen(k: PostKind): boolean {
  const required = (k.options as { required?: unknown[] } | undefined)?.required ?? []
  return Boolean(k.text.none) || (k.media.min === 0 && !k.link_required && required.length > 0)
}

/** Whether such a post can consist of its options alone: another post, passed on without a word. */
export function optionsSuffice(k: PostKind): boolean {
  return onlyChosen(k) && k.media.min === 0 && !k.text.required
}

/** What the kind of post follows from. */
export interface Content {
  media: Attached[]
  link: string
}

/**
 * The kind of post that will be made: the chosen one if it fits, else what the API picks (the first that takes these
 * files, else the first that takes such files; of equals the one that takes the link). When none fits, the nearest one,
 * so that its limits can be shown; what is wrong is said by the check.
 */
export function kindFor(account: AccountKind, content: Content, chosen?: string): PostKind | undefined {
  const { media } = content
  const link = content.link.trim() !== ''
  const fitting = fittingKinds(account, media)
  const chosenOne = fitting.find((k) => k.kind === chosen)
  if (chosenOne) return chosenOne
  const posts = fitting.filter((k) => !onlyChosen(k) && (link || !k.link_required))
  const best = (of: PostKind[]) => (link && of.find((k) => k.link)) || of[0]
  return (
    best(posts.filter((k) => media.every((m) => isWithin(k, m)))) ??
    best(posts) ??
    account.posts.find((k) => !onlyChosen(k) && (media.length > 0 ? k.media.max > 0 : k.media.min === 0)) ??
    account.posts[0]
  )
}

/** Whether a kind of post shows an alternative text of such a file. */
export function takesAlt(kind: PostKind, type: string): boolean {
  return kind.media.files?.some((f) => f.types.includes(type) && !f.no_alt) ?? false
}

/** Whether a file has the size, shape and length that a kind of post takes, as far as the page knows them. */
function isWithin(kind: PostKind, m: Attached): boolean {
  const limit = kind.media.files?.find((f) => f.types.includes(m.type))
  if (!limit) return false
  const ratio = m.width && m.height ? m.width / m.height : undefined
  const between = (v: number | undefined, min = 0, max = 0) =>
    v === undefined || v === 0 || (v >= min && (max === 0 || v <= max))
  return (
    between(m.bytes, limit.min_bytes, limit.max_bytes) &&
    between(m.duration_ms, limit.min_duration_ms, limit.max_duration_ms) &&
    between(ratio, limit.min_ratio, limit.max_ratio) &&
    between(m.width, limit.min_width, limit.max_width) &&
    between(m.height, limit.min_height)
  )
}

/**
 * The draft as it is sent. An account whose kind of post shows no text gets none; a kind that was chosen for other files
 * is not asked for, and neither are options that another kind has or that are not offered any more. What none of the
 * accounts shows beside a file is left out.
 */
export function asSent(d: Draft, accounts: Map<string, AccountKind>): Draft {
  const own = { ...d.own }
  const kinds: Record<string, string> = {}
  const options = { ...d.options }
  let shown = accounts.size === 0
  const taken: PostKind[] = []
  for (const [id, account] of accounts) {
    const kind = kindFor(account, d, d.kinds[id])
    if (d.kinds[id] !== undefined && d.kinds[id] === kind?.kind) kinds[id] = kind.kind
    if (kind) taken.push(kind)
    if (kind) options[id] = kind.options ? settled(kind.options, options[id] ?? {}) : {}
    if (kind?.text.none) own[id] = ''
    else shown = true
  }
  const told = (m: Attached) => accounts.size === 0 || taken.some((k) => takesAlt(k, m.type))
  const media = d.media.map((m) => (told(m) ? m : { ...m, alt: '' }))
  return { ...d, own, kinds, options, media, text: shown ? d.text : '' }
}

/** Every type of file that at least one of the kinds takes: what the file chooser offers. */
export function acceptedTypes(accounts: AccountKind[]): string[] {
  return [
    ...new Set(
      accounts.flatMap((a) => a.posts.flatMap((p) => (p.media.files ?? []).flatMap((f) => f.types))),
    ),
  ]
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
  const smallest = Math.min(...byType.map((f) => f.min_bytes ?? 0))
  if (file.bytes < smallest) {
    return `${file.name} is ${kilobytes(file.bytes)} kB; the least that can be sent is ${kilobytes(smallest)} kB.`
  }
  return null
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1).replace(/\.0$/, '')
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1).replace(/\.0$/, '')
}
