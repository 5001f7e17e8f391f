import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/show'
import { WhenFields, type When } from './WhenFields'

const now = new Date('2026-10-01T10:00:00Z')
const fields = (value: Partial<When>, onChange = vi.fn()) => {
  show(
    <WhenFields
      value={{ date: '2026-12-24', time: '18:00:07', fold: 'first', ...value }}
      zone="Europe/Berlin"
      now={now}
      onChange={onChange}
    />,
  )
  return onChange
}

describe('WhenFields', () => {
  it('names the zone, its offset on that day, and the second', () => {
    fields({})
    expect(screen.getByText(/18:00:07 in Europe\/Berlin \(UTC\+1\)/)).toBeVisible()
  })

  it('takes a time to the second', async () => {
    const onChange = fields({ time: '' })
    await userEvent.type(screen.getByLabelText('Hour'), '093007')
    expect(onChange).toHaveBeenLastCalledWith(expect.objectContaining({ time: '09:30:07' }))
  })

  it('offers the next time that exists when clocks jump over it', async () => {
    const onChange = fields({ date: '2027-03-28', time: '02:30:00' })
    expect(screen.getByRole('alert')).toHaveTextContent('does not exist')
    await userEvent.click(screen.getByRole('button', { name: 'Take 03:30:00' }))
    expect(onChange).toHaveBeenCalledWith({ date: '2027-03-28', time: '03:30:00', fold: 'first' })
  })

  it('asks which one, when a time comes twice', async () => {
    const onChange = fields({ date: '2026-10-25', time: '02:30:00' })
    await userEvent.click(screen.getByLabelText('The second (UTC+1)'))
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ fold: 'second' }))
  })

  it('says that a moment has passed', () => {
    fields({ date: '2026-09-01' })
    expect(screen.getByText(/has passed/)).toBeVisible()
  })
})
