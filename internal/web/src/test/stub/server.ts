// An in-memory answerer of the API's requests, for looking at the page without a backend. It is typed by the
// OpenAPI document, so it cannot say what the API would not.
import type { Connection } from '../../services/connections'
import type { Job, JobDetail } from '../../services/jobs'
import type { Post, PostInput } from '../../services/posts'
import type { FieldProblem } from '../../services/problem'
import { textLength } from '../../compose/count.ts'
import { kindFor } from '../../compose/kinds.ts'
import { satisfies, schemaNow, settled } from '../../compose/options.ts'
import type { Offer } from '../../services/offers'
import type { AccountKind, PlatformInfo } from '../../services/platforms'
import { Library } from './library.ts'
import { candidate, connection, grant, platform, post as plainPost, session } from './data.ts'
import { sampleEvents } from './events.ts'
import { sampleHealth, sampleTrail } from './life.ts'
import { linkedin } from './linkedin.ts'
import { sampleComments, sampleReport } from './talk.ts'
import { samplePosts, sampleTimeline } from './samples.ts'
import { tiktok, tiktokOffer } from './tiktok.ts'

export interface Call {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  headers: Record<string, string>
}

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

const json = (body: unknown, status = 200): Reply => ({ status, body })
const gone = (): Reply =>
  json(
    {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
      class: 'not_found',
      instance: '',
      request_id: 'req_stub',
      action: { kind: 'none', label: '' },
    },
    404,
  )

export class Stub {
  signedIn = true
  reconnecting = '' // the connection that a consent heals
  flags: Record<string, boolean> = { meta: true, linkedin: true, tiktok: true }
  who = session()
  connections: Connection[]
  waiting = 0 // posts that wait for an account that is linked
  posts: Post[]
  events = sampleEvents(new Date())
  comments = sampleComments(new Date())
  report = sampleReport(new Date())
  offers = new Map<string, Offer>() // by connection, where it differs from its kind
  made = new Map<string, Post>() // by idempotency key
  library: Library

  constructor(
    readonly origin: string,
    now = new Date(),
  ) {
    this.connections = [
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
    this.offers.set('con_7', tiktokOffer(now))
    this.posts = samplePosts(origin, this.connections.slice(0, 4), now)
    this.library = new Library(origin, now)
  }

  answer(call: Call): Reply {
    const { method, path } = call
    const [, , resource, id = '', verb = ''] = path.split('/')
    if (resource === 'session') return this.session(call)
    if (!this.signedIn) {
      return json(
        {
          title: 'Signed out',
          detail: 'Sign in to go on.',
          status: 401,
          class: 'unauthorized',
          request_id: 'req_stub',
        },
        401,
      )
    }
    switch (`${method} ${resource ?? ''}`) {
      case 'GET platforms':
        return json({ items: this.platforms() })
      case 'GET workspace':
        return id === 'platforms'
          ? json({ items: Object.entries(this.flags).map(([name, on]) => ({ platform: name, on })) })
          : json({ lateness_hours: 24, ...this.who.workspace })
      case 'PATCH workspace':
        Object.assign(this.who.workspace, call.body)
        return json(this.who.workspace)
      case 'PUT workspace':
        this.flags[verb] = (call.body as { on: boolean }).on
        return json({ platform: verb, on: this.flags[verb] })
      case 'GET oauth':
        return this.oauth(path, call.query)
      case 'GET connections':
        return id ? this.account(id, verb) : json({ items: this.connections })
      case 'GET webhooks':
        return this.event(path.split('/')[4] ?? '', call.query)
      case 'POST webhooks':
        return this.replay(path.split('/')[4] ?? '')
      case 'GET audit':
        return json({ items: sampleTrail(call.query.get('connection_id') ?? '', new Date()) })
      case 'POST connections':
        if (verb === 'offer') return this.offer(id)
        if (verb === 'pause' || verb === 'unpause') return this.use(id, verb)
        return verb === 'resume'
          ? json(this.connections[0])
          : json({ items: [{ ...this.connections[0], waiting_jobs: this.waiting }] }, 201)
      case 'DELETE connections':
        this.connections = this.connections.filter((c) => c.id !== id)
        return { status: 204 }
      case 'POST media':
      case 'PATCH media':
      case 'DELETE media':
        return this.library.change(call, id, verb)
      case 'GET media':
        return this.library.read(call, id, verb)
      case 'PUT stub-upload':
        return this.library.receive(id, call.body)
      case 'GET comments':
      case 'POST comments':
        return this.talk(call)
      case 'GET jobs':
        return this.job(id, verb)
      case 'POST jobs':
        return this.command(id, verb, call.body)
      case 'PATCH jobs':
        return this.editText(id, (call.body as { text: string }).text)
      case 'GET posts':
        return id ? this.one(id) : this.list(call.query)
      case 'POST posts':
        return this.change(call, id, verb)
      default:
        return gone()
    }
  }

  private talk(call: Call): Reply {
    const [connection, id, verb] = call.path.split('/').slice(3)
    if (!id) {
      const { query } = call
      const state = query.get('state')
      const post = query.get('post_id')
      const items = this.comments.filter(
        (c) =>
          (!query.get('connection_id') || c.connection_id === query.get('connection_id')) &&
          (post ? true : !c.own) &&
          (state !== 'unanswered' || !c.answered_at) &&
          (state !== 'unread' || !(c.answered_at ?? c.read_at)) &&
          (state !== 'hidden' || c.hidden),
      )
      return json({ items: post ? items : items.reverse() })
    }
    const found = this.comments.find((c) => c.connection_id === connection && c.id === decodeURIComponent(id))
    if (!found) return gone()
    if (verb === 'delete') {
      this.comments = this.comments.filter((c) => c !== found)
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
    this.comments.push(made)
    return json(made, 201)
  }

  private session({ method, path }: Call): Reply {
    if (path.endsWith('/signup')) return json({ confirm: true }, 202)
    if (path.endsWith('/confirm')) return { status: 204 }
    if (method === 'DELETE') {
      this.signedIn = false
      return { status: 204 }
    }
    if (method === 'POST') this.signedIn = true
    return this.signedIn
      ? json(this.who)
      : json({ title: 'Signed out', status: 401, detail: 'Nobody is signed in.', class: 'unauthorized' }, 401)
  }

  private oauth(path: string, query: URLSearchParams): Reply {
    if (path.includes('/grants/')) {
      if (path.endsWith('grt_gone')) return gone()
      if (this.reconnecting) {
        const accounts = [candidate({ candidate_id: 'a', linked: true, connection_id: this.reconnecting })]
        return json(grant({ id: path.split('/').pop() ?? '', reconnect: this.reconnecting, accounts }))
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
              avatar_url: avatar(this.origin, 'CA', '#8a4b2f'),
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

  private event(id: string, query: URLSearchParams): Reply {
    if (id) {
      const found = this.events.find((e) => e.id === id)
      return found ? json(found) : gone()
    }
    const items = this.events.filter((e) => !query.get('state') || e.state === query.get('state'))
    return json({ items: items.map((e) => ({ ...e, payload: undefined })) })
  }

  private replay(id: string): Reply {
    const failed = this.events.filter((e) => (id === 'replay' ? e.state === 'failed' : e.id === id))
    for (const e of failed) Object.assign(e, { state: 'processed', reason: '', attempts: 1 })
    return id === 'replay' ? json({ replayed: failed.length, more: false }, 202) : json(failed[0], 202)
  }

  private account(id: string, verb: string): Reply {
    const found = this.connections.find((c) => c.id === id)
    if (!found) return gone()
    if (verb === 'metrics') return json(this.report)
    if (verb === 'offer') return this.offer(id)
    return json(verb === 'health' ? { items: sampleHealth(found, new Date()) } : found)
  }

  private platforms(): PlatformInfo[] {
    return [platform(), linkedin(), tiktok()].map((p) => ({
      ...p,
      available: this.flags[p.platform] === true,
    }))
  }

  private accountKind(id: string): AccountKind | undefined {
    const found = this.connections.find((c) => c.id === id)
    const kind = this.platforms()
      .find((p) => p.platform === found?.platform)
      ?.accounts.find((a) => a.kind === found?.kind)
    return kind && { ...kind, posts: this.offers.get(id)?.posts ?? kind.posts }
  }

  private offer(id: string): Reply {
    const kind = this.accountKind(id)
    return kind ? json(this.offers.get(id) ?? { posts: kind.posts, notices: [] }) : gone()
  }

  private use(id: string, verb: 'pause' | 'unpause'): Reply {
    const found = this.connections.find((c) => c.id === id)
    if (!found) return gone()
    const pause = verb === 'pause'
    Object.assign(found, {
      status: pause ? 'paused' : 'healthy',
      reason: pause ? 'Paused by Ada Lindgren.' : '',
      waiting_jobs: pause ? 0 : this.waiting,
      updated_at: new Date().toISOString(),
    })
    return json(found)
  }

  private list(query: URLSearchParams): Reply {
    const state = query.get('state') ?? 'all'
    const items = this.posts.filter((p) => {
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

  private one(id: string): Reply {
    const found = this.posts.find((p) => p.id === id)
    return found ? json(found) : gone()
  }

  private jobOf(id: string): Job | undefined {
    return this.posts.flatMap((p) => p.jobs).find((j) => j.id === id)
  }

  private job(id: string, verb: string): Reply {
    const found = this.jobOf(id)
    if (!found) return gone()
    if (verb === 'metrics') return json(this.report)
    if (verb === 'candidates') {
      return json({
        items: [
          {
            external_id: '200_71',
            permalink: 'https://www.facebook.com/200/posts/71',
            text: found.text,
            created_at: new Date(Date.now() - 240_000).toISOString(),
          },
        ],
      })
    }
    const detail: JobDetail = { ...found, timeline: sampleTimeline(found) }
    return json(detail)
  }

  private editText(id: string, text: string): Reply {
    const found = this.jobOf(id)
    if (!found) return gone()
    found.text = text
    found.updated_at = new Date().toISOString()
    return json(found)
  }

  private command(id: string, verb: string, body: unknown): Reply {
    const found = this.jobOf(id)
    if (!found) return gone()
    if (verb === 'comments') return json({ found: this.comments.length })
    const there = (body as { outcome?: string } | undefined)?.outcome === 'there'
    found.state = verb === 'cancel' ? 'cancelled' : there ? 'published' : 'queued'
    delete found.problem
    found.updated_at = new Date().toISOString()
    const owner = this.posts.find((p) => p.jobs.includes(found))
    if (owner) owner.state = verb === 'cancel' ? 'cancelled' : there ? 'published' : 'publishing'
    return verb === 'delete' ? { status: 204 } : json(found, verb === 'retry' ? 202 : 200)
  }

  private change(call: Call, id: string, verb: string): Reply {
    const body = call.body as PostInput
    if (id === 'check') return json({ problems: this.check(body) })
    const found = this.posts.find((p) => p.id === id)
    if (id) {
      if (!found) return gone()
      if (verb === 'cancel') {
        found.state = 'cancelled'
        for (const j of found.jobs) j.state = 'cancelled'
      } else found.publish_at = (call.body as { publish_at: string }).publish_at
      return json(found)
    }
    const key = call.headers['idempotency-key'] ?? ''
    const before = this.made.get(key)
    if (before) return { ...json(before, 202), headers: { 'Idempotent-Replayed': 'true' } }
    const errors = this.check(body)
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
    const fresh = `pst_new${String(this.made.size + 1)}`
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
        const c = this.connections.find((x) => x.id === t.connection_id)
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
    this.made.set(key, made)
    this.posts.unshift(made)
    return json(made, 202)
  }

  private check(body: PostInput): FieldProblem[] {
    const media = (body.media ?? []).map(
      (m) => this.library.files.find((f) => f.id === m.id) ?? { type: 'image/jpeg', bytes: 1 },
    )
    return body.targets.flatMap((t, i) => {
      const account = this.accountKind(t.connection_id)
      const kind = account && kindFor(account, { media, link: body.link ?? '' }, t.kind)
      if (!account || !kind) return []
      const found: FieldProblem[] = []
      const add = (field: string, message: string, rule = kind.source) =>
        found.push({ field, connection_id: t.connection_id, message, rule })
      const text = t.text ?? body.text
      const target = `targets[${String(i)}]`
      const max = kind.text.max
      if (max > 0 && textLength(text, kind.text) > max)
        add(`${target}.text`, `The text is longer than ${max.toLocaleString('en')} characters.`)
      if (kind.text.required && text.trim() === '')
        add(`${target}.text`, `A ${kind.title} post needs a text.`)
      if (body.link && !kind.link)
        add('link', `A ${kind.title} post on ${account.title} takes no link of its own.`)
      if (media.length < kind.media.min)
        add(
          `${target}.media`,
          media.length === 0 && kind.media.min === 1
            ? `${account.title.split(' ')[0] ?? ''} needs at least one photo.`
            : 'More files are needed.',
        )
      if (kind.options) {
        const given = t.options ?? {}
        const now = schemaNow(kind.options, given)
        const missing = (now.required ?? []).filter((name) => given[name] === undefined)
        for (const name of missing) add(`${target}.options.${name}`, 'This is needed.')
        const schema = { ...kind.options, required: [] }
        if (missing.length === 0 && !satisfies(schema, settled(kind.options, given)))
          add(`${target}.options`, 'What was chosen does not go together.')
      }
      return found
    })
  }
}

export function avatar(origin: string, letters: string, colour: string): string {
  return `${origin}/v1/media/avatar-${letters}-${colour.slice(1)}/content`
}
