import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Stub } from '@/test/stub/server'
import { visit } from '@/test/visit'

beforeEach(() => {
  localStorage.clear()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const cards = () => screen.findAllByRole('article', {}, { timeout: 15000 })

describe('the inbox', () => {
  it('shows who waits, newest first, and answers with a key', async () => {
    const { changes } = visit('/comments')
    const [newest] = await cards()
    expect(newest).toHaveTextContent('sol.eats')
    expect(screen.queryByText(/gone at nine/)).toBeNull() // answered already
    await userEvent.click(within(newest as HTMLElement).getByRole('button', { name: 'Reply' }))
    await userEvent.type(screen.getByLabelText('Answer sol.eats'), 'Thank you!')
    await userEvent.click(screen.getByRole('button', { name: 'Send the answer' }))
    await waitFor(() => {
      expect(screen.queryByText('sol.eats')).toBeNull()
    })
    expect(changes).toMatchObject([{ path: '/v1/comments/con_3/9_1/reply', body: { text: 'Thank you!' } }])
    expect(changes[0]?.key).toBeTruthy()
  })

  it('sends the very same again while the platform has not said whether it has the answer', async () => {
    const stub = new Stub(window.location.origin)
    const whole = stub.answer.bind(stub)
    let asked = 0
    stub.answer = (call) => {
      if (!call.path.endsWith('/reply') || ++asked > 1) return whole(call)
      const body = { title: 'Not known', detail: 'It is asked.', status: 503, class: 'transient' }
      return { status: 503, body, headers: { 'Retry-After': '1' } }
    }
    const { changes } = visit('/comments', stub)
    const [newest] = await cards()
    await userEvent.click(within(newest as HTMLElement).getByRole('button', { name: 'Reply' }))
    await userEvent.type(screen.getByLabelText('Answer sol.eats'), 'Thank you!')
    await userEvent.click(screen.getByRole('button', { name: 'Send the answer' }))
    expect(await screen.findByText(/did not say whether it has the answer/)).toBeVisible()
    await waitFor(
      () => {
        expect(changes).toHaveLength(2)
      },
      { timeout: 4000 },
    )
    expect(changes[1]).toEqual(changes[0])
  })

  it('leaves out what is read where only unread ones are asked for', async () => {
    const { changes } = visit('/comments?state=unread')
    const [newest] = await cards()
    expect(newest).toHaveTextContent('New')
    await userEvent.click(within(newest as HTMLElement).getByRole('button', { name: 'Mark as read' }))
    await waitFor(() => {
      expect(screen.queryByText('sol.eats')).toBeNull()
    })
    expect(changes.map((c) => c.path)).toEqual(['/v1/comments/con_3/9_1/read'])
    await userEvent.click(screen.getByRole('radio', { name: 'All' }))
    await userEvent.click(
      (await screen.findAllByRole('button', { name: 'Mark as unread' }))[0] as HTMLElement,
    )
    expect(changes[1]?.path).toBe('/v1/comments/con_3/9_1/unread')
  })

  it('hides at once and deletes only after asking', async () => {
    const { changes } = visit('/comments?account=con_3')
    const [card] = await cards()
    await userEvent.click(within(card as HTMLElement).getByRole('button', { name: 'Hide' }))
    await waitFor(() => {
      expect(screen.getByText('Hidden', { selector: 'article *' })).toBeVisible()
    })
    await userEvent.click(within(card as HTMLElement).getByRole('button', { name: 'Delete' }))
    expect(changes).toHaveLength(1)
    await userEvent.click(await screen.findByRole('button', { name: 'Delete it' }))
    expect(await screen.findByText('Nobody waits for an answer')).toBeVisible()
    expect(changes.map((c) => c.path)).toEqual([
      '/v1/comments/con_3/9_1/hide',
      '/v1/comments/con_3/9_1/delete',
    ])
  })
})

describe('numbers', () => {
  it('are a dash where they are not known, with the reason and the time', async () => {
    visit('/accounts/con_1')
    expect(await screen.findByText('12,409', {}, { timeout: 5000 })).toBeVisible()
    expect(screen.getByText('2 h 3 min')).toBeVisible()
    expect(screen.getByText('not known')).toBeInTheDocument()
    expect(screen.getByText('Facebook does not offer this number (any more).')).toBeVisible()
    expect(screen.getByText(/As of/)).toBeVisible()
  })

  it('are never from the future', async () => {
    const stub = new Stub(window.location.origin)
    const soon = new Date(Date.now() + 8000).toISOString() // the server's clock is ahead
    stub.report = { items: [{ name: 'views', title: 'Views', value: 7, unit: 'count' }], as_of: soon }
    visit('/accounts/con_1', stub)
    expect(await screen.findByText(/As of/, {}, { timeout: 5000 })).toHaveTextContent('just now')
  })

  it('say plainly which permission is missing', async () => {
    const stub = new Stub(window.location.origin)
    stub.report = {
      items: [],
      problem: {
        class: 'permission_missing',
        code: '',
        message: 'Herald was not allowed to read the numbers of this account.',
        action: { kind: 'reconnect', label: 'Reconnect the account' },
      },
    }
    visit('/accounts/con_1', stub)
    expect(
      await screen.findByText(/was not allowed to read the numbers/, {}, { timeout: 5000 }),
    ).toBeVisible()
    expect(screen.getByRole('link', { name: 'Reconnect' })).toHaveAttribute(
      'href',
      expect.stringContaining('con_1'),
    )
  })
})
