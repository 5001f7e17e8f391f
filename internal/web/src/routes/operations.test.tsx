import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Stub } from '@/test/stub/server'
import { visit } from '@/test/visit'

afterEach(() => {
  vi.unstubAllGlobals()
})

const heading = (name: string | RegExp) => screen.findByRole('heading', { level: 1, name }, { timeout: 5000 })

describe('webhook events', () => {
  it('shows what failed and why, and replays it', async () => {
    const { changes } = visit('/events?state=failed')
    await heading('Webhook events')
    const list = await screen.findByRole('region', { name: 'Events' })
    expect(within(list).getAllByRole('listitem')).toHaveLength(1)
    await userEvent.click(within(list).getByRole('button', { name: 'Comment' }))
    const dialog = await screen.findByRole('dialog')
    expect(await within(dialog).findByText(/Lovely buns/)).toBeVisible()
    await userEvent.click(within(dialog).getByRole('button', { name: 'Replay' }))
    expect(await screen.findByText('Nothing has failed')).toBeVisible()
    expect(changes).toMatchObject([{ method: 'POST', path: '/v1/webhooks/events/whe_2/replay' }])
  })

  it('replays everything that failed since a moment', async () => {
    const { changes } = visit('/events')
    await heading('Webhook events')
    await userEvent.click(screen.getByRole('button', { name: 'Replay failed' }))
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Replay' }))
    expect(await screen.findByText('One event is applied again.')).toBeVisible()
    const since = Date.parse((changes[0]?.body as { since: string }).since)
    expect(Math.abs(Date.now() - 86_400_000 - since)).toBeLessThan(60_000)
  })

  it('is for owners and admins', async () => {
    const stub = new Stub(window.location.origin)
    stub.who.member.role = 'editor'
    visit('/events', stub)
    await heading('Webhook events')
    expect(screen.getByText(/Only an owner or admin/)).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Replay failed' })).toBeNull()
  })
})

describe('an account', () => {
  it('is paused, used again, and asks what becomes of what waited', async () => {
    const stub = new Stub(window.location.origin)
    stub.waiting = 2
    const { changes } = visit('/accounts/con_1', stub)
    await heading('Cafe Ada')
    await userEvent.click(await screen.findByRole('button', { name: 'Pause' }))
    expect(await screen.findByText('Paused by Ada Lindgren.')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Use again' }))
    const dialog = await screen.findByRole('dialog', { name: 'Cafe Ada is in use again' })
    await userEvent.click(within(dialog).getByRole('radio', { name: /Drop them/ }))
    await userEvent.click(within(dialog).getByRole('button', { name: 'Drop' }))
    await waitFor(() => {
      expect(changes.map((c) => [c.path, c.body])).toEqual([
        ['/v1/connections/con_1/pause', undefined],
        ['/v1/connections/con_1/unpause', undefined],
        ['/v1/connections/con_1/resume', { mode: 'drop' }],
      ])
    })
  })

  it('that is blocked is named on every page, with the way to help', async () => {
    visit('/settings')
    await heading('Settings')
    const banner = await screen.findByRole('region', { name: 'Accounts that need you' })
    expect(within(banner).getByRole('link', { name: /Ada Roastery .* is blocked/ })).toHaveAttribute(
      'href',
      '/accounts/con_4',
    )
    expect(within(banner).getByText(/password of the person/)).toBeVisible()
    const help = within(banner).getByRole('link', { name: /^Reconnect Ada Roastery/ })
    expect(help).toHaveAttribute('href', expect.stringContaining('reconnect=con_4'))
  })
})

describe('late posts', () => {
  it('are limited in the settings', async () => {
    const { changes } = visit('/settings')
    await heading('Settings')
    const hours = await screen.findByLabelText('Latest, in hours')
    await userEvent.clear(hours)
    await userEvent.type(hours, '6')
    const form = hours.closest('form')
    if (!form) throw new Error('no form')
    await userEvent.click(within(form).getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved.')).toBeVisible()
    expect(changes).toMatchObject([{ method: 'PATCH', path: '/v1/workspace', body: { lateness_hours: 6 } }])
  })
})
