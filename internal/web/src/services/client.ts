import createClient, { type Middleware } from 'openapi-fetch'
import { problemOf, Unreachable } from './problem'
import type { paths } from './schema'

/** What the client needs from the session, and whom it tells that there is none any more. */
interface SessionLink {
  csrf: string
  leaving: boolean // the person is signing out: that nobody is signed in is no news
  onSignedOut: () => void
}

const link: SessionLink = { csrf: '', leaving: false, onSignedOut: () => undefined }

/** Sets the value that proves to the API that a changing request comes from this page. */
export function carryToken(csrf: string) {
  link.csrf = csrf
  link.leaving = false
}

/** Says that the session is being ended on purpose; carryToken takes that back. */
export function beginLeaving() {
  link.leaving = true
}

/** Names who is told when an answer says that nobody is signed in. */
export function whenSignedOut(tell: () => void) {
  link.onSignedOut = tell
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && link.csrf) request.headers.set('X-CSRF-Token', link.csrf)
    return request
  },
  onResponse({ request, response }) {
    // Signing in and asking who is signed in answer 401 as a matter of course.
    const about = new URL(request.url).pathname
    if (response.status === 401 && !link.leaving && !about.startsWith('/v1/session')) link.onSignedOut()
    return undefined
  },
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: (request) => globalThis.fetch(request),
})
api.use(guard)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Waits for an answer and gives its body, or throws Problem or Unreachable. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Unreachable(cause)
  }
  if (!answer.response.ok) throw problemOf(answer.response, answer.error)
  return answer.data as T
}
