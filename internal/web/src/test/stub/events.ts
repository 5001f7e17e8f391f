// Made-up notices of a platform.
import type { WebhookEvent } from '../../services/events'
import { gone, json, type Reply } from './reply.ts'
import type { Stub } from './server.ts'

export function sampleEvents(now: Date): WebhookEvent[] {
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
  const event = (id: string, minutes: number, over: Partial<WebhookEvent>): WebhookEvent => ({
    id,
    platform: 'meta',
    connection_id: 'con_1',
    kind: 'comment',
    state: 'processed',
    attempts: 1,
    at: at(minutes + 0.1),
    received_at: at(minutes),
    payload: { field: 'feed', value: { item: 'comment', verb: 'add', message: 'Lovely buns!' } },
    ...over,
  })
  return [
    event('whe_1', 3, {}),
    event('whe_2', 9, {
      state: 'failed',
      attempts: 5,
      reason: 'Something went wrong on our side. Try again; if it stays, tell your operator the request id.',
    }),
    event('whe_3', 40, { kind: 'permission_changed', connection_id: 'con_4' }),
    event('whe_4', 41, {
      kind: 'other',
      state: 'ignored',
      reason: 'Herald has no use for this kind of notice.',
    }),
    event('whe_5', 300, {
      kind: 'data_deletion',
      connection_id: 'con_gone',
      payload: undefined,
      forgotten: true,
    }),
  ]
}

export function readEvents(w: Stub, id: string, query: URLSearchParams): Reply {
  if (id) {
    const found = w.events.find((e) => e.id === id)
    return found ? json(found) : gone()
  }
  const items = w.events.filter((e) => !query.get('state') || e.state === query.get('state'))
  return json({ items: items.map((e) => ({ ...e, payload: undefined })) })
}

export function replay(w: Stub, id: string): Reply {
  const failed = w.events.filter((e) => (id === 'replay' ? e.state === 'failed' : e.id === id))
  for (const e of failed) Object.assign(e, { state: 'processed', reason: '', attempts: 1 })
  return id === 'replay' ? json({ replayed: failed.length, more: false }, 202) : json(failed[0], 202)
}
