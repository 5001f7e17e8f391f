import { describe, expect, it } from 'vitest'
import { connection, job, post } from '@/test/stub/data'
import { accountNotices, postNotices } from './notices'

const now = new Date('2026-11-24T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString()

describe('notices of accounts', () => {
  it('are given for what is blocked and for what ends, seven days and one day before', () => {
    const found = accountNotices(
      [
        connection({ id: 'a' }),
        connection({ id: 'b', name: 'Soon', status: 'expiring', expires_at: inDays(6), reason: 'It ends.' }),
        connection({ id: 'c', name: 'Tomorrow', status: 'expiring', expires_at: inDays(0.9) }),
        connection({ id: 'd', name: 'Dead', status: 'blocked', reason: 'Taken back.' }),
        connection({ id: 'e', status: 'paused' }),
        connection({ id: 'f', expires_at: inDays(6) }), // Herald renews it by itself
      ],
      now,
    )
    expect(found.map((n) => [n.key, n.tone, n.text])).toEqual([
      ['c-1d', 'bad', ''],
      ['d-blocked', 'bad', 'Taken back.'],
      ['b-7d', 'warn', 'It ends.'],
    ])
    expect(found[1]?.title).toBe('Dead is blocked')
  })

  it('count by the end of the data where the access has no end', () => {
    const [n] = accountNotices([connection({ status: 'expiring', data_until: inDays(0.5) })], now)
    expect(n?.tone).toBe('bad')
  })
})

describe('notices of posts', () => {
  it('are given for held targets, and for failed ones while they are news', () => {
    const old = new Date(now.getTime() - 4 * 86_400_000).toISOString()
    const fresh = new Date(now.getTime() - 3_600_000).toISOString()
    const found = postNotices(
      [
        post({
          jobs: [
            job({ id: 'held', state: 'held', updated_at: old }),
            job({ id: 'failed', state: 'failed', updated_at: fresh }),
            job({ id: 'stale', state: 'failed', updated_at: old }),
            job({ id: 'blocked', state: 'blocked', updated_at: fresh }), // its account has a notice
          ],
        }),
      ],
      now,
    )
    expect(found.map((n) => n.key)).toEqual(['held', 'failed'])
    expect(found[1]?.title).toMatch(/^Not published: “.*” to Cafe Ada$/)
  })
})
