import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { candidate, platform } from '@/test/stub/data'
import { show } from '@/test/show'
import { CandidateList } from './CandidateList'

const list = (chosen: string[], onChange = vi.fn()) => {
  show(
    <CandidateList
      platform={platform()}
      chosen={chosen}
      onChange={onChange}
      candidates={[
        candidate({ candidate_id: 'a', name: 'Cafe Ada' }),
        candidate({
          candidate_id: 'b',
          name: 'Old page',
          usable: false,
          reason: 'You may not publish there.',
        }),
        candidate({ candidate_id: 'c', name: 'Bakery', linked: true }),
      ]}
    />,
  )
  return onChange
}

describe('CandidateList', () => {
  it('adds and removes', async () => {
    const onChange = list(['c'])
    await userEvent.click(screen.getByRole('checkbox', { name: /Cafe Ada/ }))
    expect(onChange).toHaveBeenLastCalledWith(['c', 'a'])
    await userEvent.click(screen.getByRole('checkbox', { name: /Bakery/ }))
    expect(onChange).toHaveBeenLastCalledWith([])
  })

  it('does not let an unusable account be chosen, and says why', async () => {
    const onChange = list([])
    const box = screen.getByRole('checkbox', { name: /Old page/ })
    expect(box).toBeDisabled()
    expect(box).toHaveAccessibleDescription('You may not publish there.')
    await userEvent.click(box)
    expect(onChange).not.toHaveBeenCalled()
  })

  it('marks what is linked already', () => {
    list([])
    expect(screen.getByText(/Linked already/)).toBeVisible()
  })
})
