import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { job } from '@/test/stub/data'
import { show } from '@/test/show'
import { HeldDialog } from './HeldDialog'

const candidate = {
  external_id: '200_7',
  permalink: 'https://www.facebook.com/200_7',
  text: 'Fresh buns',
  created_at: '2026-11-24T10:00:00Z',
}

function dialog(candidates: (typeof candidate)[] | undefined) {
  const onDecide = vi.fn()
  show(
    <HeldDialog
      job={job({ state: 'held' })}
      platformTitle="Meta"
      candidates={candidates}
      candidatesError={null}
      zone="UTC"
      now={new Date('2026-11-24T10:05:00Z')}
      busy={false}
      error={null}
      onLookAgain={() => undefined}
      onDecide={onDecide}
      onClose={() => undefined}
    />,
  )
  return onDecide
}

describe('HeldDialog', () => {
  it('links the post the person recognises', async () => {
    const onDecide = dialog([candidate])
    expect(screen.getByRole('button', { name: 'It is there: link it' })).toBeDisabled()
    await userEvent.click(screen.getByRole('radio', { name: /Fresh buns/ }))
    await userEvent.click(screen.getByRole('button', { name: 'It is there: link it' }))
    expect(onDecide).toHaveBeenCalledWith({
      outcome: 'there',
      external_id: '200_7',
      permalink: 'https://www.facebook.com/200_7',
    })
  })

  it('does not post again before the person says to have looked', async () => {
    const onDecide = dialog([])
    await userEvent.click(screen.getByRole('button', { name: 'Post again' }))
    expect(onDecide).not.toHaveBeenCalled()
    await userEvent.click(screen.getByRole('checkbox', { name: /I have looked/ }))
    await userEvent.click(screen.getByRole('button', { name: 'Post again' }))
    expect(onDecide).toHaveBeenCalledWith({ outcome: 'post_again' })
  })

  it('takes an id for a post that is not in the list', async () => {
    const onDecide = dialog([candidate])
    await userEvent.click(screen.getByRole('radio', { name: /not in this list/ }))
    expect(screen.getByRole('button', { name: 'It is there: link it' })).toBeDisabled()
    await userEvent.type(screen.getByLabelText(/Its id/), ' 200_9 ')
    await userEvent.click(screen.getByRole('button', { name: 'It is there: link it' }))
    expect(onDecide).toHaveBeenCalledWith({ outcome: 'there', external_id: '200_9' })
  })
})
