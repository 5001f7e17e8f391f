// The posts: made-up ones, and those that the page makes.
import type { PostInput } from '../../services/posts'
import { check } from './check.ts'
import { post as plainPost } from './data.ts'
import { gone, json, type Call, type Reply } from './reply.ts'
import type { Stub } from './server.ts'

export function listPosts(w: Stub, query: URLSearchParams): Reply {
  const state = query.get('state') ?? 'all'
  const items = w.posts.filter((p) => {
    switch (state) {
      case 'all':
        return true
      case 'active':
        return p.state === 'publishing'
      case 'failed':
        return p.state === 'failed' || p.state === 'partly_published'
      case 'published':
        return p.state === 'published' || p.state === 'partly_published'
      default:
        return p.state === state
    }
  })
  const from = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? 25)
  const next = from + limit < items.length ? { next_cursor: String(from + limit) } : {}
  return json({ items: items.slice(from, from + limit), ...next })
}

export function readPost(w: Stub, id: string): Reply {
  const found = w.posts.find((p) => p.id === id)
  return found ? json(found) : gone()
}

export function changePost(w: Stub, call: Call, id: string, verb: string): Reply {
  const body = call.body as PostInput
  if (id === 'check') return json({ problems: check(w, body) })
  const found = w.posts.find((p) => p.id === id)
  if (id) {
    if (!found) return gone()
    if (verb === 'cancel') {
      found.state = 'cancelled'
      for (const j of found.jobs) j.state = 'cancelled'
    } else found.publish_at = (call.body as { publish_at: string }).publish_at
    return json(found)
  }
  const key = call.headers['idempotency-key'] ?? ''
  const before = w.made.get(key)
  if (before) return { ...json(before, 202), headers: { 'Idempotent-Replayed': 'true' } }
  const errors = check(w, body)
  if (errors.length > 0) {
    return json(
      {
        title: 'Not valid',
        detail: 'Something has to change.',
        status: 422,
        class: 'invalid_content',
        errors,
      },
      422,
    )
  }
  const at = body.publish_at ?? new Date().toISOString()
  const fresh = `pst_new${String(w.made.size + 1)}`
  const made = plainPost({
    id: fresh,
    text: body.text,
    state: body.publish_at ? 'scheduled' : 'publishing',
    publish_at: at,
    created_at: new Date().toISOString(),
    media: (body.media ?? []).map((m) => ({
      id: m.id,
      alt: m.alt ?? '',
      type: 'image/jpeg',
      width: 1600,
      height: 1200,
      url: `/v1/media/${m.id}/content`,
    })),
    jobs: body.targets.flatMap((t) => {
      const c = w.connections.find((x) => x.id === t.connection_id)
      if (!c) return []
      return {
        id: `${fresh}.${c.id}`,
        post_id: fresh,
        connection: {
          id: c.id,
          name: c.name,
          username: c.username,
          kind: c.kind,
          login: c.login,
          platform: c.platform,
          avatar_url: c.avatar_url,
        },
        kind: body.media?.length ? 'photo' : 'text',
        text: t.text ?? body.text,
        state: body.publish_at ? ('scheduled' as const) : ('running' as const),
        publish_at: at,
        attempts: 0,
        updated_at: at,
      }
    }),
  })
  w.made.set(key, made)
  w.posts.unshift(made)
  return json(made, 202)
}
