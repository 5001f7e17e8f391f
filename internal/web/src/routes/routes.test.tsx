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

const heading = (name: string | RegExp) =>
  screen.findByRole('heading', { level: 1, name }, { timeout: 25_000 })

describe('signing in', () => {
  it('leads back to where the person wanted to go', async () => {
    const stub = new Stub(window.location.origin)
    stub.signedIn = false
    const { router } = visit('/settings', stub)
    await heading('Sign in')
    await userEvent.type(screen.getByLabelText(/E-mail/), 'ada@cafe-ada.example')
    await userEvent.type(screen.getByLabelText(/Password/, { selector: 'input' }), 'Correct-Horse-42')
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }))
    await heading('Settings')
    expect(router.state.location.pathname).toBe('/settings')
  })

  it('asks again when the session ends at work, and keeps the place', async () => {
    const { stub, router } = visit('/settings')
    await heading('Settings')
    stub.signedIn = false
    await userEvent.click(await screen.findByRole('switch', { name: 'Meta is on' }))
    await heading('Sign in')
    expect(screen.getByText(/session has ended/)).toBeVisible()
    expect(router.state.location.search).toMatchObject({ next: '/settings' })
  })
})

describe('signing out', () => {
  it('ends the session and leaves the signed-in part', async () => {
    const { router, changes } = visit('/settings')
    await heading('Settings')
    await userEvent.click(screen.getAllByRole('button', { name: /account menu/ })[0] ?? document.body)
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
    await heading('Sign in')
    expect(router.state.location.search).toEqual({})
    expect(changes).toMatchObject([{ method: 'DELETE', path: '/v1/session' }])
  })
})

describe('the menu of a small screen', () => {
  it('leads to what its bar has no room for', async () => {
    const { router } = visit('/settings')
    await heading('Settings')
    await userEvent.click(screen.getAllByRole('button', { name: /account menu/ })[0] ?? document.body)
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Platforms' }))
    await heading('Platforms')
    expect(router.state.location.pathname).toBe('/capabilities')
  })
})

describe('composing', () => {
  it('shows at the account what it would refuse, and sends the post once', async () => {
    const { router, changes } = visit('/compose')
    await heading('Compose')
    await userEvent.click(await screen.findByLabelText('Text'))
    await userEvent.paste('Fresh buns')
    await userEvent.click(screen.getByRole('checkbox', { name: /^cafe\.ada\s*Instagram/ }))
    const card = await screen.findByRole('article', { name: 'For cafe.ada' })
    expect(await within(card).findByText('Instagram needs at least one photo.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Publish now' })).toBeDisabled()

    await userEvent.click(screen.getByRole('checkbox', { name: /^cafe\.ada\s*Instagram/ }))
    await userEvent.click(screen.getByRole('checkbox', { name: /^Cafe Ada\s*Facebook/ }))
    await waitFor(() => {
      expect(screen.getByRole('button', { name: 'Publish now' })).toBeEnabled()
    })
    await userEvent.dblClick(screen.getByRole('button', { name: 'Publish now' }))
    await heading('Fresh buns')
    expect(router.state.location.pathname).toBe('/posts/pst_new1')
    expect(new Set(changes.map((c) => c.key)).size).toBe(1)
    expect(changes[0]?.body).toEqual({ text: 'Fresh buns', media: [], targets: [{ connection_id: 'con_1' }] })
  })

  it('finds the draft again', async () => {
    visit('/compose')
    await userEvent.click(await screen.findByLabelText('Text'))
    await userEvent.paste('Half a thought')
    expect(JSON.parse(localStorage.getItem('herald.draft.ten_1.mem_1') ?? '{}')).toMatchObject({
      text: 'Half a thought',
    })
  })

  it('begins with what a target got when it is to be edited', async () => {
    const { router } = visit('/compose?from=pst_failed&target=con_1')
    await waitFor(() => {
      expect(screen.getByLabelText('Text')).toHaveValue('Look at this panorama of the harbour!')
    })
    expect(router.state.location.search).toEqual({})
    expect(screen.getByRole('article', { name: 'For Cafe Ada' })).toBeVisible()
  })
})

describe('a post', () => {
  it('is decided by a person when nobody knows', async () => {
    const { changes } = visit('/posts/pst_held')
    await userEvent.click(await screen.findByRole('button', { name: 'Decide' }))
    await userEvent.click(await screen.findByRole('radio', { name: /The new winter menu/ }))
    await userEvent.click(screen.getByRole('button', { name: 'It is there: link it' }))
    await waitFor(() => {
      expect(within(screen.getByRole('article', { name: 'Cafe Ada' })).getByText('Published')).toBeVisible()
    })
    expect(changes[0]?.body).toMatchObject({ outcome: 'there', external_id: '200_71' })
  })

  it('has its text edited where the platform lets us', async () => {
    const { changes } = visit('/posts/pst_done')
    const card = await screen.findByRole('article', { name: 'Cafe Ada' })
    await userEvent.click(within(card).getByRole('button', { name: 'Edit text' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByRole('button', { name: 'Save' })).toBeDisabled()
    await userEvent.clear(within(dialog).getByLabelText('Text'))
    await userEvent.type(within(dialog).getByLabelText('Text'), 'Other words')
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }))
    expect(await within(card).findByText('Other words')).toBeVisible()
    expect(changes).toMatchObject([{ method: 'PATCH', body: { text: 'Other words' } }])
  })

  it('says what happened to it, step by step', async () => {
    visit('/posts/pst_failed')
    expect(await screen.findByText('Publishing began.')).toBeVisible()
    expect(screen.getAllByText(/could not be read by Facebook/).length).toBeGreaterThan(0)
    expect(screen.getByRole('link', { name: 'Edit and send again' })).toHaveAttribute(
      'href',
      '/compose?from=pst_failed&target=con_1',
    )
  })

  it('that is not there is told so', async () => {
    visit('/posts/pst_nothing')
    expect(await screen.findByText('There is nothing here')).toBeVisible()
  })
})

describe('accounts', () => {
  it('says what disconnecting does before it is done', async () => {
    const { changes } = visit('/accounts')
    await userEvent.click(await screen.findByRole('button', { name: /^More about Ada Roastery/ }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Disconnect' }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog).toHaveTextContent('2 posts wait for this account.')
    expect(dialog).toHaveTextContent('Herald also gives the access back to the platform')
    expect(changes).toEqual([])
    await userEvent.click(within(dialog).getByRole('button', { name: 'Disconnect' }))
    await waitFor(() => {
      expect(screen.queryByText(/Ada Roastery/, { selector: 'strong' })).toBeNull()
    })
    expect(changes).toEqual([
      { method: 'DELETE', path: '/v1/connections/con_4', key: undefined, body: undefined },
    ])
  })

  it('names the end of an access only where somebody has to do something', async () => {
    const stub = new Stub(window.location.origin)
    const own = stub.connections[2]
    if (own) own.expires_at = '2030-01-01T00:00:00Z'
    visit('/accounts', stub)
    expect(await screen.findByText(/access renews itself/)).toBeVisible()
    expect(screen.getAllByText(/access until/)).toHaveLength(1)
  })

  it('says where a person ends an access that Herald cannot end', async () => {
    const stub = new Stub(window.location.origin)
    for (const c of stub.connections) c.login = 'instagram'
    visit('/accounts', stub)
    await userEvent.click(await screen.findByRole('button', { name: /^More about Ada Roastery/ }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Disconnect' }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog).toHaveTextContent('Herald cannot end its access at the platform')
    expect(within(dialog).getByRole('link')).toHaveAttribute(
      'href',
      'https://www.instagram.com/accounts/manage_access/',
    )
  })

  it('tells the end of the data from the end of the access', async () => {
    const stub = new Stub(window.location.origin)
    for (const c of stub.connections) {
      if (c.id === 'con_1')
        Object.assign(c, { expires_at: '2027-01-20T12:00:00Z', data_until: '2027-02-19T12:00:00Z' })
    }
    visit('/accounts', stub)
    const row = await screen.findByText(/access renews itself/)
    expect(row).toHaveTextContent(/data until .*19 February 2027/)
  })

  it('offers no platform that is switched off', async () => {
    const stub = new Stub(window.location.origin)
    stub.flags.meta = false
    visit('/accounts', stub)
    expect(await screen.findByText('Switched off')).toBeVisible()
    expect(screen.queryByRole('link', { name: /Connect Meta/ })).toBeNull()
  })
})

describe('reconnecting', () => {
  it('links the one account without another question', async () => {
    const stub = new Stub(window.location.origin)
    stub.reconnecting = 'con_1'
    const { router, changes } = visit('/connect/grt_9', stub)
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/accounts')
    })
    expect(changes).toHaveLength(1)
    expect(changes[0]?.body).toEqual({ grant_id: 'grt_9', candidate_ids: ['a'], resume: 'ask' })
  })

  it('asks what becomes of the posts that waited', async () => {
    const stub = new Stub(window.location.origin)
    stub.reconnecting = 'con_1'
    stub.waiting = 2
    const { router, changes } = visit('/connect/grt_9', stub)
    const dialog = await screen.findByRole('dialog', { name: 'Cafe Ada is connected again' })
    expect(dialog).toHaveTextContent('2 posts wait for it.')
    expect(changes).toHaveLength(1)
    await userEvent.click(within(dialog).getByRole('radio', { name: /Send all now/ }))
    await userEvent.click(within(dialog).getByRole('button', { name: 'Go on' }))
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/accounts')
    })
    expect(changes[1]).toMatchObject({ path: '/v1/connections/con_1/resume', body: { mode: 'now' } })
  })
})
