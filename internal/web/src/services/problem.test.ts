import { describe, expect, it } from 'vitest'
import { fieldError, Problem, problemOf, sentenceOf, Unreachable } from './problem'

const answer = (status: number, headers = {}) => new Response(null, { status, headers })

describe('problemOf', () => {
  it('reads a problem document', () => {
    const p = problemOf(answer(429, { 'Retry-After': '7' }), {
      title: 'Too many',
      detail: 'Slow down.',
      class: 'rate_limited',
      request_id: 'req_1',
      action: { kind: 'wait', label: 'Wait' },
      errors: [{ field: 'body.email', message: 'No.' }, 'junk'],
    })
    expect(p).toMatchObject({
      message: 'Slow down.',
      class: 'rate_limited',
      requestId: 'req_1',
      retryAfter: 7,
    })
    expect(p.errors).toHaveLength(1)
    expect(fieldError(p, 'email')).toBe('No.')
    expect(fieldError(p, 'name')).toBeUndefined()
  })

  it('never shows the page of a proxy', () => {
    const p = problemOf(answer(502), '<html>Bad gateway</html>')
    expect(p.message).toBe('Herald does not answer properly. Try again in a moment.')
    expect(p.class).toBe('internal')
  })
})

describe('sentenceOf', () => {
  it('shows only sentences meant for a person', () => {
    expect(sentenceOf(new Problem(400, { detail: 'Yes.' }))).toBe('Yes.')
    expect(sentenceOf(new Unreachable())).toMatch(/cannot be reached/)
    expect(sentenceOf(new TypeError('x is undefined'))).not.toMatch(/undefined/)
  })
})
