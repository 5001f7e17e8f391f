// An in-memory answerer of the API's requests, for looking at the page without a backend. It is typed by the
// OpenAPI document, so it cannot say what the API would not.
import type { Connection } from '../../services/connections'
import type { Offer } from '../../services/offers'
import type { Post } from '../../services/posts'
import { accountOf, grantOf, offerOf, pauseOrNot, platformsOf, sampleConnections } from './accounts.ts'
import { session } from './data.ts'
import { readEvents, replay, sampleEvents } from './events.ts'
import { command, editText, readJob } from './jobs.ts'
import { Library } from './library.ts'
import { sampleTrail } from './life.ts'
import { changePost, listPosts, readPost } from './posts.ts'
import { gone, json, type Call, type Reply } from './reply.ts'
import { samplePosts } from './samples.ts'
import { sampleComments, sampleReport, talk } from './talk.ts'
import { tiktokOffer } from './tiktok.ts'

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
    this.connections = sampleConnections(origin, now)
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
        return json({ items: platformsOf(this) })
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
        return grantOf(this, path, call.query)
      case 'GET connections':
        return id ? accountOf(this, id, verb) : json({ items: this.connections })
      case 'GET webhooks':
        return readEvents(this, path.split('/')[4] ?? '', call.query)
      case 'POST webhooks':
        return replay(this, path.split('/')[4] ?? '')
      case 'GET audit':
        return json({ items: sampleTrail(call.query.get('connection_id') ?? '', new Date()) })
      case 'POST connections':
        if (verb === 'offer') return offerOf(this, id)
        if (verb === 'pause' || verb === 'unpause') return pauseOrNot(this, id, verb)
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
        return talk(this, call)
      case 'GET jobs':
        return readJob(this, id, verb)
      case 'POST jobs':
        return command(this, id, verb, call.body)
      case 'PATCH jobs':
        return editText(this, id, (call.body as { text: string }).text)
      case 'GET posts':
        return id ? readPost(this, id) : listPosts(this, call.query)
      case 'POST posts':
        return changePost(this, call, id, verb)
      default:
        return gone()
    }
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
}
