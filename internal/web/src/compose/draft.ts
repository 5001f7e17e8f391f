import type { Media } from '@/services/media'
import type { Post, PostInput } from '@/services/posts'
import { meaningOf } from '@/time/zone'

/** A file that is uploaded and ready to be part of a post. */
export interface DraftMedia {
  id: string
  name: string
  type: string
  bytes: number
  width: number
  height: number
  duration_ms?: number // of a video
  pages?: number // of a document
  alt: string
}

/** What a person is writing. It survives a reload, a lost connection and the end of a session. */
export interface Draft {
  id: string // names this composition; part of the idempotency key
  targets: string[]
  text: string
  own: Record<string, string> // a target's own text, where it differs
  kinds: Record<string, string> // a target's kind of post, where the person chose one
  options: Record<string, Record<string, unknown>>
  link: string
  media: DraftMedia[]
  when: 'now' | 'later'
  date: string // by the workspace's clocks
  time: string
  fold: 'first' | 'second' // which of the two, where a time comes twice
  unconfirmed?: string // the key of a try whose answer never came
}

/** A file of the library as part of a draft. */
export function attached(m: Media): DraftMedia {
  const { id, name, type, bytes, width = 0, height = 0, alt, duration_ms, pages } = m
  return {
    ...{ id, name, type, bytes, width, height, alt },
    ...(duration_ms === undefined ? {} : { duration_ms }),
    ...(pages === undefined ? {} : { pages }),
  }
}

/** Puts a file where it was chosen, however late it arrived. places are those of this page's uploads, by media id. */
export function placed(
  media: DraftMedia[],
  file: DraftMedia,
  places: ReadonlyMap<string, number>,
): DraftMedia[] {
  const place = places.get(file.id) ?? Infinity
  const later = media.findIndex((m) => (places.get(m.id) ?? -1) > place)
  return later < 0 ? [...media, file] : media.toSpliced(later, 0, file)
}

/** Moves a file one place towards the first. */
export function movedUp(media: DraftMedia[], id: string): DraftMedia[] {
  const at = media.findIndex((m) => m.id === id)
  const file = media[at]
  return at < 1 || !file ? media : media.toSpliced(at, 1).toSpliced(at - 1, 0, file)
}

export function newDraft(id: string): Draft {
  return {
    id,
    targets: [],
    text: '',
    own: {},
    kinds: {},
    options: {},
    link: '',
    media: [],
    when: 'now',
    date: '',
    time: '',
    fold: 'first',
  }
}

/** Nothing would be lost by throwing it away. */
export function isEmpty(d: Draft): boolean {
  return (
    d.text.trim() === '' &&
    d.media.length === 0 &&
    d.link === '' &&
    Object.values(d.own).every((t) => t === '')
  )
}

/** The instant a draft is planned for; null when there is none or its time does not exist. */
export function plannedAt(d: Draft, zone: string): Date | null {
  if (d.when === 'now') return null
  const meaning = meaningOf(zone, { date: d.date, time: d.time })
  if (meaning.kind === 'exact') return meaning.at
  if (meaning.kind === 'twice') return d.fold === 'first' ? meaning.first : meaning.second
  return null
}

/** The request a draft stands for. The same content always gives the same bytes. */
export function requestOf(d: Draft, zone: string): PostInput {
  const at = plannedAt(d, zone)
  return {
    text: d.text,
    media: d.media.map((m) => ({ id: m.id, ...(m.alt.trim() ? { alt: m.alt.trim() } : {}) })),
    ...(d.link.trim() ? { link: d.link.trim() } : {}),
    targets: d.targets.map((id) => ({
      connection_id: id,
      ...(d.own[id] === undefined ? {} : { text: d.own[id] }),
      ...(d.kinds[id] === undefined ? {} : { kind: d.kinds[id] }),
      ...(d.options[id] && Object.keys(d.options[id]).length > 0 ? { options: d.options[id] } : {}),
    })),
    ...(at ? { publish_at: at.toISOString().replace('.000Z', 'Z') } : {}),
  }
}

/**
 * The idempotency key of a try. It follows from the draft and its content alone, so a second click, a retry after a
 * lost answer, a reload and a second tab with the same draft all send the same key and make one post; changed content
 * is another request and gets another key.
 */
export function keyOf(d: Draft, zone: string): string {
  return `${d.id}-${fingerprint(JSON.stringify(requestOf(d, zone)))}`
}

/** A draft's id: 128 random bits. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  )
}

/** A 53-bit hash (cyrb53). It only has to tell one draft's versions apart; the draft's id does the rest. */
function fingerprint(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 2654435761)
    b = Math.imul(b ^ c, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36)
}

const prefix = 'herald.draft.'

/** Reads a stored draft; owner is workspace and member, since browsers are shared. */
export function loadDraft(owner: string): Draft | null {
  try {
    const raw = localStorage.getItem(prefix + owner)
    if (raw === null) return null
    const stored = JSON.parse(raw) as Partial<Draft>
    if (typeof stored.id !== 'string' || !Array.isArray(stored.targets) || !Array.isArray(stored.media))
      return null
    return { ...newDraft(stored.id), ...stored }
  } catch {
    return null // storage is blocked, or holds something that is not ours
  }
}

/** Stores a draft; false when the browser does not let us. */
export function saveDraft(owner: string, d: Draft): boolean {
  try {
    localStorage.setItem(prefix + owner, JSON.stringify(d))
    return true
  } catch {
    return false
  }
}

export function dropDraft(owner: string) {
  try {
    localStorage.removeItem(prefix + owner)
  } catch {
    // storage is blocked: there is nothing to remove
  }
}

/** A new draft with what one target of a post got, to be changed and sent again; target undefined = all that failed. */
export function draftOf(post: Post, target: string | undefined): Draft {
  const failed = post.jobs.filter((j) => (target ? j.connection.id === target : j.state === 'failed'))
  return {
    ...newDraft(randomId()),
    targets: failed.map((j) => j.connection.id),
    text: failed[0]?.text ?? post.text,
    link: post.link ?? '',
    media: post.media.map((m, i) => ({
      id: m.id,
      name: `Photo ${String(i + 1)}`,
      type: m.type,
      bytes: 0, // not told; the check knows
      width: m.width,
      height: m.height,
      alt: m.alt,
    })),
  }
}
