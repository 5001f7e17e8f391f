import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { newDraft, saveDraft, type Draft } from '@/compose/draft'
import type { Notice } from '@/services/offers'
import { Stub } from '@/test/stub/server'
import { visit } from '@/test/visit'

const clip = {
  id: 'med_b',
  name: 'oven.mp4',
  type: 'video/mp4',
  bytes: 38_400_000,
  width: 1080,
  height: 1920,
  duration_ms: 42_000,
  alt: '',
}

/** Opens the composer with a video for the account that is asked what it takes. */
function composing(stub = new Stub(window.location.origin), over: Partial<Draft> = {}) {
  saveDraft('ten_1.mem_1', {
    ...newDraft('d1'),
    text: 'Fresh buns',
    targets: ['con_7'],
    media: [clip],
    ...over,
  })
  return visit('/compose', stub)
}

const card = () => screen.findByRole('article', { name: 'For Cafe Ada' }, { timeout: 25_000 })
const publish = () => screen.getByRole('button', { name: /^(Publish|Schedule)/ })

function told(notice: Notice) {
  const stub = new Stub(window.location.origin)
  const offer = stub.offers.get('con_7')
  if (!offer) throw new Error('the sample has one')
  stub.offers.set('con_7', { ...offer, notices: [notice] })
  return stub
}

// What the page loads when it is needed is there before anything is waited for.
beforeAll(() => Promise.all([import('@/components/OptionsForm'), import('@/preview/PostPreview')]), 60_000)

beforeEach(() => {
  localStorage.clear()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('what an account takes at the moment', () => {
  it('narrows the choices, and nothing is chosen for the person', async () => {
    composing()
    const form = await card()
    expect(await within(form).findByText(/This is posted as Cafe Ada \(@cafe\.ada\)/)).toBeVisible()
    const level = await within(form).findByRole('combobox', { name: /Who can see it/ })
    expect(level).toHaveValue('')
    await userEvent.click(level)
    const offered = (await screen.findAllByRole('option')).map((o) => o.textContent)
    expect(offered).toEqual(['Followers', 'Friends', 'Only me'])
    expect(within(form).getByLabelText('Allow comments')).not.toBeChecked()
    const duet = within(form).getByLabelText(/^Allow duet/)
    expect(duet).toBeDisabled()
    expect(duet).not.toBeChecked()
    expect(within(form).getByText("Switched off in the account's settings.")).toBeVisible()
    await waitFor(() => {
      expect(publish()).toBeDisabled()
    })
  })

  it('is sent with what the person chose and agreed to', async () => {
    const { changes } = composing()
    const form = await card()
    await userEvent.click(await within(form).findByRole('combobox', { name: /Who can see it/ }))
    await userEvent.click(await screen.findByRole('option', { name: 'Friends' }))
    await userEvent.click(within(form).getByRole('checkbox', { name: /Music Usage Confirmation/ }))
    await waitFor(() => {
      expect(publish()).toBeEnabled()
    })
    await userEvent.click(publish())
    await screen.findByRole('heading', { level: 1, name: 'Fresh buns' })
    expect(changes.find((c) => c.path === '/v1/posts')?.body).toMatchObject({
      targets: [
        {
          connection_id: 'con_7',
          options: { privacy_level: 'MUTUAL_FOLLOW_FRIENDS', consent: 'music_usage' },
        },
      ],
    })
  })

  it('stops what would go out now, not what is for later', async () => {
    const stub = told({
      level: 'stop',
      text: 'The account has posted too often today. Try again later.',
    })
    composing(stub, {
      options: { con_7: { privacy_level: 'SELF_ONLY', consent: 'music_usage' } },
    })
    const form = await card()
    expect(await within(form).findByText(/posted too often today/)).toBeVisible()
    expect(await screen.findByText(/Cafe Ada takes nothing now/)).toBeVisible()
    expect(publish()).toBeDisabled()
    await userEvent.click(screen.getByRole('radio', { name: 'At a time' }))
    await waitFor(() => {
      expect(publish()).toBeEnabled()
    })
  })

  it('warns without stopping', async () => {
    const stub = told({ level: 'warning', text: 'Only you will see what is posted.' })
    composing(stub, { options: { con_7: { privacy_level: 'SELF_ONLY', consent: 'music_usage' } } })
    expect(await within(await card()).findByText(/Only you will see/)).toBeVisible()
    await waitFor(() => {
      expect(publish()).toBeEnabled()
    })
  })

  it('is what such accounts take when it cannot be asked, and can be asked again', async () => {
    const stub = new Stub(window.location.origin)
    const whole = stub.answer.bind(stub)
    let down = true
    stub.answer = (call) =>
      down && call.path.includes('/offer')
        ? { status: 503, body: { title: 'Down', status: 503, detail: 'No answer.', class: 'platform_down' } }
        : whole(call)
    composing(stub)
    const form = await card()
    expect(await within(form).findByText(/could not be asked/, {}, { timeout: 10_000 })).toBeVisible()
    await userEvent.click(await within(form).findByRole('combobox', { name: /Who can see it/ }))
    expect(await screen.findByRole('option', { name: 'Everyone' })).toBeVisible()
    down = false
    await userEvent.click(within(form).getByRole('button', { name: 'Ask now' }))
    expect(await within(form).findByText(/This is posted as/)).toBeVisible()
    expect(within(form).queryByText(/could not be asked/)).toBeNull()
  })
})

describe('the disclosure of commercial content', () => {
  it('closes the private level and words the consent anew', async () => {
    composing(undefined, { options: { con_7: { privacy_level: 'SELF_ONLY', consent: 'music_usage' } } })
    const form = await card()
    const consent = await within(form).findByRole('checkbox', { name: /agree/ })
    expect(consent).toBeChecked()
    await userEvent.click(within(form).getByLabelText(/^Disclose commercial/))
    await userEvent.click(await within(form).findByLabelText(/^Branded content/))
    const branded = await within(form).findByRole('checkbox', { name: /Branded Content Policy/ })
    expect(branded).not.toBeChecked()
    await waitFor(() => {
      expect(publish()).toBeDisabled()
    })
    await userEvent.click(within(form).getByRole('combobox', { name: /Who can see it/ }))
    expect(await screen.findByRole('option', { name: /Only me/ })).toHaveAttribute('data-combobox-disabled')
  })
})

describe('a post that is only its options', () => {
  it('can be sent without words or files', async () => {
    const { changes } = composing(undefined, {
      text: '',
      media: [],
      targets: ['con_5'],
      kinds: { con_5: 'reshare' },
    })
    const form = await screen.findByRole('article', { name: /^For Lindgren/ }, { timeout: 25_000 })
    await waitFor(() => {
      expect(publish()).toBeDisabled()
    })
    await userEvent.click(await within(form).findByLabelText(/Post to repost/))
    await userEvent.paste('urn:li:share:7')
    await waitFor(() => {
      expect(publish()).toBeEnabled()
    })
    await userEvent.click(publish())
    await waitFor(() => {
      expect(changes.find((c) => c.path === '/v1/posts')?.body).toMatchObject({
        text: '',
        targets: [{ kind: 'reshare', options: { post: 'urn:li:share:7' } }],
      })
    })
  })
})
