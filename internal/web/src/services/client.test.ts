import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api, beginLeaving, carryToken, take, whenSignedOut } from './client'
import { Problem, Unreachable } from './problem'

let seen: Request[] = []
let answer: () => Promise<Response>

beforeEach(() => {
  seen = []
  vi.stubGlobal('fetch', (request: Request) => {
    seen.push(request)
    return answer()
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  carryToken('')
  whenSignedOut(() => undefined)
})

const status = (code: number) => () => Promise.resolve(Response.json({ status: code }, { status: code }))

describe('the client', () => {
  it('proves with the token that a change comes from this page, and sends none with a read', async () => {
    carryToken('t0ken')
    answer = () => Promise.resolve(Response.json({ items: [] }))
    await take(api.GET('/v1/connections'))
    await take(api.POST('/v1/posts/check', { body: { text: 'x', targets: [] } }))
    expect(seen.map((r) => r.headers.get('X-CSRF-Token'))).toEqual([null, 't0ken'])
  })

  it('tells that nobody is signed in any more, but not for a wrong password', async () => {
    const tell = vi.fn()
    whenSignedOut(tell)
    answer = status(401)
    await expect(take(api.POST('/v1/session', { body: { email: 'a@b.c', password: 'x' } }))).rejects.toThrow(
      Problem,
    )
    expect(tell).not.toHaveBeenCalled()
    await expect(take(api.GET('/v1/connections'))).rejects.toThrow(Problem)
    expect(tell).toHaveBeenCalledOnce()
  })

  it('does not call it the end of a session when the person is signing out', async () => {
    const tell = vi.fn()
    whenSignedOut(tell)
    beginLeaving()
    answer = status(401)
    await expect(take(api.GET('/v1/connections'))).rejects.toThrow(Problem)
    expect(tell).not.toHaveBeenCalled()
  })

  it('tells silence from a no', async () => {
    answer = () => Promise.reject(new TypeError('Failed to fetch'))
    await expect(take(api.GET('/v1/connections'))).rejects.toThrow(Unreachable)
    answer = status(500)
    await expect(take(api.GET('/v1/connections'))).rejects.toThrow(Problem)
  })
})
