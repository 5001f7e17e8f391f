import type { Connection } from './connections'
import type { Post } from './posts'

/** Something a person should know or do. It is derived from what is, so it goes when its cause goes. */
export interface Notice {
  key: string
  tone: 'bad' | 'warn'
  title: string
  text: string
  since: string // RFC 3339
  connection?: Connection
  postId?: string
}

const day = 86_400_000
const failedFor = 3 * day // how long a failed post is news

/** An account that ends within a day is as urgent as one that has ended; from seven days on it is announced. */
export function accountNotices(connections: Connection[], now: Date): Notice[] {
  return connections
    .flatMap((c): Notice[] => {
      const end = c.expires_at ?? c.data_until
      const left = end ? Date.parse(end) - now.getTime() : Infinity
      const text = c.reason ?? ''
      const common = { connection: c, text, since: c.updated_at }
      if (c.status === 'blocked') {
        return [{ ...common, key: `${c.id}-blocked`, tone: 'bad', title: `${c.name} is blocked` }]
      }
      if (c.status !== 'expiring') return []
      return [
        left <= day
          ? { ...common, key: `${c.id}-1d`, tone: 'bad', title: `${c.name} loses its access within a day` }
          : { ...common, key: `${c.id}-7d`, tone: 'warn', title: `${c.name} loses its access soon` },
      ]
    })
    .sort((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'))
}

/** Posts that only a person can help: held ones as long as they are, failed ones for three days. */
export function postNotices(posts: Post[], now: Date): Notice[] {
  return posts.flatMap((p) =>
    p.jobs.flatMap((j): Notice[] => {
      const common = { key: j.id, postId: p.id, text: j.problem?.message ?? '', since: j.updated_at }
      const to = `${short(p.text)} to ${j.connection.name}`
      if (j.state === 'held') return [{ ...common, tone: 'warn', title: `Your decision is needed: ${to}` }]
      const fresh = now.getTime() - Date.parse(j.updated_at) < failedFor
      return j.state === 'failed' && fresh ? [{ ...common, tone: 'bad', title: `Not published: ${to}` }] : []
    }),
  )
}

function short(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line === '' ? 'a post' : `“${line.length > 40 ? `${line.slice(0, 39).trimEnd()}…` : line}”`
}
