import type { components } from './schema'

export type FieldProblem = components['schemas']['FieldProblem']
export type Action = components['schemas']['Action']

/** An answer of the API that is not a success (RFC 9457). The message is a sentence for a person. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  readonly class: string
  readonly title: string
  readonly requestId: string
  readonly action: Action | undefined
  readonly errors: FieldProblem[]
  readonly retryAfter: number // seconds; 0 = the answer did not say

  constructor(status: number, body: Record<string, unknown>, retryAfter = 0) {
    super(text(body.detail) || text(body.title) || sentenceFor(status))
    this.status = status
    this.class = text(body.class) || 'internal'
    this.title = text(body.title) || 'Something went wrong'
    this.requestId = text(body.request_id)
    this.action = isAction(body.action) ? body.action : undefined
    this.errors = Array.isArray(body.errors) ? body.errors.filter(isFieldProblem) : []
    this.retryAfter = retryAfter
  }
}

/** The request did not reach the API, or its answer did not reach us: what it did is not known. */
export class Unreachable extends Error {
  override name = 'Unreachable'
  constructor(cause?: unknown) {
    super('Herald cannot be reached. Check your connection; what you wrote is kept.', { cause })
  }
}

/** Reads an answer that is not a success. A body that is no problem document (a proxy's page) becomes a plain one. */
export function problemOf(response: Response, body: unknown): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  return new Problem(response.status, fields, Number(response.headers.get('Retry-After')) || 0)
}

/** The sentence for a person, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Problem || error instanceof Unreachable
    ? error.message
    : 'Something went wrong on this page. Reload it and try again.'
}

/** The messages of one field of a form. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined
  const found = error.errors.filter((e) => e.field.replace(/^body\./, '') === field)
  return found.length > 0 ? found.map((e) => e.message).join(' ') : undefined
}

function sentenceFor(status: number): string {
  if (status === 429) return 'Too many requests at once. Wait a moment and try again.'
  if (status >= 500) return 'Herald does not answer properly. Try again in a moment.'
  return 'That did not work.'
}

function text(v: unknown): string {
  return typeof v === 'string' ? v : ''
}

function isAction(v: unknown): v is Action {
  return typeof v === 'object' && v !== null && 'kind' in v && typeof v.kind === 'string'
}

function isFieldProblem(v: unknown): v is FieldProblem {
  return typeof v === 'object' && v !== null && 'field' in v && 'message' in v
}
