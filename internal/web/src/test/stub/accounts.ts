// The linked accounts, the platforms they are on, and how more are linked.
import type { Connection } from '../../services/connections'
import type { AccountKind, PlatformInfo } from '../../services/platforms'
import { candidate, connection, grant, platform } from './data.ts'
import { sampleHealth } from './life.ts'
import { linkedin } from './linkedin.ts'
import { gone, json, type Reply } from './reply.ts'
import type { Stub } from './server.ts'
import { tiktok } from './tiktok.ts'

export function sampleConnections(origin: string, now: Date): Connection[] {
  return [
    connection({
      id: 'con_1',
      name: 'Cafe Ada',
      username: 'cafe.ada',
      avatar_url: avatar(origin, 'CA', '#8a4b2f'),
    }),
    connection({
      id: 'con_2',
      name: 'Cafe Ada Hamburg',
      username: 'cafe.ada.hh',
      status: 'expiring',
      expires_at: new Date(now.getTime() + 6 * 86_400_000).toISOString(),
      reason: 'The access ends in six days.',
      action: { kind: 'reconnect', label: 'Reconnect the account' },
    }),
    connection({
      id: 'con_3',
      kind: 'instagram_professional',
      name: 'cafe.ada',
      username: 'cafe.ada',
      avatar_url: avatar(origin, 'ca', '#2f6b5a'),
    }),
    connection({
      id: 'con_4',
      name: 'Ada Roastery with a name that is rather long for a narrow screen',
      username: 'ada.roastery',
      status: 'blocked',
      reason: 'The password of the person who linked it was changed, so the access has ended.',
      action: { kind: 'reconnect', label: 'Reconnect the account' },
      waiting_jobs: 2,
    }),
    connection({
      id: 'con_5',
      platform: 'linkedin',
      kind: 'linkedin_organization',
      login: 'community',
      name: 'Lindgren Coffee GmbH',
      username: 'lindgren-coffee',
      avatar_url: avatar(origin, 'LC', '#33475b'),
    }),
    connection({
      id: 'con_6',
      platform: 'linkedin',
      kind: 'linkedin_member',
      login: 'personal',
      name: 'Ada Lindgren',
      username: '',
    }),
    connection({
      id: 'con_7',
      platform: 'tiktok',
      kind: 'tiktok_account',
      login: 'tiktok',
      name: 'Cafe Ada',
      username: 'cafe.ada',
      avatar_url: avatar(origin, 'CA', '#8a4b2f'),
    }),
  ]
}

export function platformsOf(w: Stub): PlatformInfo[] {
  return [platform(), linkedin(), tiktok()].map((p) => ({
    ...p,
    available: w.flags[p.platform] === true,
  }))
}

export function accountKind(w: Stub, id: string): AccountKind | undefined {
  const found = w.connections.find((c) => c.id === id)
  const kind = platformsOf(w)
    .find((p) => p.platform === found?.platform)
    ?.accounts.find((a) => a.kind === found?.kind)
  return kind && { ...kind, posts: w.offers.get(id)?.posts ?? kind.posts }
}

export function accountOf(w: Stub, id: string, verb: string): Reply {
  const found = w.connections.find((c) => c.id === id)
  if (!found) return gone()
  if (verb === 'metrics') return json(w.report)
  if (verb === 'offer') return offerOf(w, id)
  return json(verb === 'health' ? { items: sampleHealth(found, new Date()) } : found)
}

export function offerOf(w: Stub, id: string): Reply {
  const kind = accountKind(w, id)
  return kind ? json(w.offers.get(id) ?? { posts: kind.posts, notices: [] }) : gone()
}

export function pauseOrNot(w: Stub, id: string, verb: 'pause' | 'unpause'): Reply {
  const found = w.connections.find((c) => c.id === id)
  if (!found) return gone()
  const pause = verb === 'pause'
  Object.assign(found, {
    status: pause ? 'paused' : 'healthy',
    reason: pause ? 'Paused by Ada Lindgren.' : '',
    waiting_jobs: pause ? 0 : w.waiting,
    updated_at: new Date().toISOString(),
  })
  return json(found)
}

export function grantOf(w: Stub, path: string, query: URLSearchParams): Reply {
  if (path.includes('/grants/')) {
    if (path.endsWith('grt_gone')) return gone()
    if (w.reconnecting) {
      const accounts = [candidate({ candidate_id: 'a', linked: true, connection_id: w.reconnecting })]
      return json(grant({ id: path.split('/').pop() ?? '', reconnect: w.reconnecting, accounts }))
    }
    return json(
      grant({
        id: path.split('/').pop() ?? '',
        declined: ['pages_read_user_content'],
        accounts: [
          candidate({
            candidate_id: 'a',
            name: 'Cafe Ada',
            linked: true,
            avatar_url: avatar(w.origin, 'CA', '#8a4b2f'),
          }),
          candidate({ candidate_id: 'b', name: 'Ada Bakery', username: 'ada.bakery' }),
          candidate({
            candidate_id: 'c',
            kind: 'instagram_professional',
            name: 'cafe.ada',
            username: 'cafe.ada',
          }),
          candidate({
            candidate_id: 'd',
            name: 'Old Town Market',
            username: '',
            usable: false,
            reason: 'You have no role there that may create content. Ask an admin of the Page for one.',
          }),
        ],
      }),
    )
  }
  return { status: 302, headers: { Location: query.get('reconnect') ? '/accounts' : '/connect/grt_1' } }
}

export function avatar(origin: string, letters: string, colour: string): string {
  return `${origin}/v1/media/avatar-${letters}-${colour.slice(1)}/content`
}
