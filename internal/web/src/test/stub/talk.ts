// What people wrote below made-up posts, and made-up numbers.
import type { Comment } from '../../services/comments'
import type { MetricReport } from '../../services/metrics'
import { gone, json, type Call, type Reply } from './reply.ts'
import type { Stub } from './server.ts'

const hour = 3_600_000

/** A few comments on the posts of two accounts, one of them answered and one hidden. */
export function sampleComments(now: Date): Comment[] {
  const ago = (hours: number) => new Date(now.getTime() - hours * hour).toISOString()
  const comment = (id: string, hours: number, more: Partial<Comment>): Comment => ({
    id,
    connection_id: 'con_1',
    post_id: '200_71',
    from_id: '88',
    from_name: 'Kim Berg',
    text: '',
    own: false,
    hidden: false,
    created_at: ago(hours),
    ...more,
  })
  return [
    comment('71_1', 26, {
      text: 'The knots were gone at nine again. Could you bake more on Saturdays, please? We walked all the way from the old town with three hungry children.',
      answered_at: ago(25),
    }),
    comment('71_2', 25, {
      parent_id: '71_1',
      own: true,
      from_id: '200',
      from_name: 'Cafe Ada',
      text: 'We are sorry! From this week on there are two trays on Saturdays.',
    }),
    comment('71_3', 3, { text: 'Are you open on the first of May?' }),
    comment('71_4', 2, {
      text: 'Cheap watches >>> watches.example',
      from_id: '',
      from_name: '',
      hidden: true,
    }),
    comment('9_1', 1, {
      connection_id: 'con_3',
      post_id: '1792',
      from_name: 'sol.eats',
      text: 'Looks soooo good 😍',
    }),
  ]
}

/** Numbers of which one is not known. */
export function sampleReport(now: Date): MetricReport {
  return {
    as_of: new Date(now.getTime() - 7 * 60_000).toISOString(),
    items: [
      { name: 'views', title: 'Views', value: 12_409, unit: 'count' },
      { name: 'reach', title: 'Reach', value: 8120, unit: 'count', note: 'Each day counts its own viewers.' },
      { name: 'reactions', title: 'Reactions', value: 214, unit: 'count' },
      { name: 'comments', title: 'Comments', value: 0, unit: 'count' },
      { name: 'watch_time_ms', title: 'Watch time', value: 7_412_000, unit: 'ms' },
      {
        name: 'clicks',
        title: 'Clicks',
        unit: 'count',
        note: 'Facebook does not offer this number (any more).',
      },
    ],
  }
}

export function talk(w: Stub, call: Call): Reply {
  const [connection, id, verb] = call.path.split('/').slice(3)
  if (!id) {
    const { query } = call
    const state = query.get('state')
    const post = query.get('post_id')
    const items = w.comments.filter(
      (c) =>
        (!query.get('connection_id') || c.connection_id === query.get('connection_id')) &&
        (post ? true : !c.own) &&
        (state !== 'unanswered' || !c.answered_at) &&
        (state !== 'unread' || !(c.answered_at ?? c.read_at)) &&
        (state !== 'hidden' || c.hidden),
    )
    return json({ items: post ? items : items.reverse() })
  }
  const found = w.comments.find((c) => c.connection_id === connection && c.id === decodeURIComponent(id))
  if (!found) return gone()
  if (verb === 'delete') {
    w.comments = w.comments.filter((c) => c !== found)
    return { status: 204 }
  }
  if (verb === 'read' || verb === 'unread') {
    found.read_at = verb === 'read' ? new Date().toISOString() : undefined
    return json(found)
  }
  if (verb !== 'reply') {
    found.hidden = verb === 'hide'
    return json(found)
  }
  found.answered_at = new Date().toISOString()
  const { text } = call.body as { text: string }
  const made = {
    ...found,
    id: `${found.id}_r`,
    parent_id: found.id,
    own: true,
    from_name: 'Cafe Ada',
    text,
  }
  w.comments.push(made)
  return json(made, 201)
}
