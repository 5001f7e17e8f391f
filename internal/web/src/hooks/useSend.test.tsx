import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import { useState, type ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newDraft, type Draft } from '@/compose/draft'
import { post } from '@/test/stub/data'
import { useSend } from './useSend'

const draft: Draft = { ...newDraft('d1'), text: 'Hello', targets: ['con_1'] }
const accepted = () => Response.json(post(), { status: 202 })
const problem = (status: number, cls: string, errors: unknown[] = []) =>
  Response.json({ title: 'No', detail: 'No.', status, class: cls, errors }, { status })

let answers: (() => Response | Promise<Response>)[] = []
let keys: (string | null)[] = []

beforeEach(() => {
  vi.useFakeTimers()
  answers = []
  keys = []
  vi.stubGlobal('fetch', (request: Request) => {
    keys.push(request.headers.get('Idempotency-Key'))
    const next = answers.shift()
    return next ? Promise.resolve().then(next) : Promise.reject(new TypeError('offline'))
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Lets every answer come and every wait pass. */
const quiet = () => act(() => vi.advanceTimersByTimeAsync(30_000))

function sender(start: Draft = draft) {
  const client = new QueryClient()
  const onSent = vi.fn()
  const { result } = renderHook(
    () => {
      const [d, setDraft] = useState(start)
      const change = (next: Partial<Draft>) => {
        setDraft((now) => ({ ...now, ...next }))
      }
      return { ...useSend({ draft: d, zone: 'UTC', change, onSent }), change, draft: d }
    },
    {
      wrapper: ({ children }: { children: ReactNode }) => (
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      ),
    },
  )
  return { result, onSent }
}

describe('useSend', () => {
  it('sends one key for a double click', async () => {
    answers = [accepted, accepted]
    const { result, onSent } = sender()
    act(() => {
      result.current.send()
      result.current.send()
    })
    await quiet()
    expect(onSent).toHaveBeenCalled()
    expect(new Set(keys).size).toBe(1)
  })

  it('repeats after a lost answer, a server failure and a twin in flight, always with the same key', async () => {
    answers = [
      () => Promise.reject(new TypeError('reset')),
      () => problem(503, 'transient'),
      () => problem(409, 'conflict'),
      accepted,
    ]
    const { result, onSent } = sender()
    act(() => {
      result.current.send()
    })
    await quiet()
    expect(onSent).toHaveBeenCalledOnce()
    expect(keys).toHaveLength(4)
    expect(new Set(keys).size).toBe(1)
  })

  it('remembers a try that ended in silence, and warns only when the content has changed', async () => {
    const { result } = sender()
    act(() => {
      result.current.send()
    })
    await quiet()
    expect(result.current.error).not.toBeNull()
    expect(result.current.repeatable).toBe(true)
    expect(result.current.changedSince).toBe(false)
    act(() => {
      result.current.change({ text: 'Hello again' })
    })
    expect(result.current.changedSince).toBe(true)
    expect(result.current.error).toBeNull()
    act(() => {
      result.current.change({ text: 'Hello' })
    })
    expect(result.current.repeatable).toBe(true)
  })

  it('forgets a try that was refused: nothing was made', async () => {
    answers = [() => problem(422, 'invalid_content', [{ field: 'text', message: 'Too long.' }])]
    const { result } = sender()
    act(() => {
      result.current.send()
    })
    await quiet()
    expect(result.current.refused).toHaveLength(1)
    expect(keys).toHaveLength(1)
    expect(result.current.draft.unconfirmed).toBeUndefined()
    act(() => {
      result.current.change({ text: 'Short' })
    })
    expect(result.current.refused).toEqual([])
    expect(result.current.changedSince).toBe(false)
  })

  it('never sends a planned post without a time that exists: it would go out at once', async () => {
    answers = [accepted]
    const { result } = sender({ ...draft, when: 'later', date: '2027-03-28', time: '' })
    act(() => {
      result.current.send()
    })
    await quiet()
    expect(keys).toEqual([])
  })
})
