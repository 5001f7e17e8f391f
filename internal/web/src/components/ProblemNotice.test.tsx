import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { Problem, Unreachable } from '@/services/problem'
import { show } from '@/test/show'
import { ProblemNotice } from './ProblemNotice'

describe('ProblemNotice', () => {
  it('shows the sentence, each field and the request id', () => {
    show(
      <ProblemNotice
        error={
          new Problem(422, {
            title: 'Not valid',
            detail: 'Two things are wrong.',
            request_id: 'req_9',
            errors: [
              { field: 'a', message: 'A is missing.' },
              { field: 'b', message: 'B is too long.' },
            ],
          })
        }
      />,
    )
    expect(screen.getByRole('alert')).toHaveTextContent('Two things are wrong.')
    expect(screen.getByText('A is missing.')).toBeVisible()
    expect(screen.getByText('B is too long.')).toBeVisible()
    expect(screen.getByText('Request req_9')).toBeVisible()
  })

  it('offers another try', async () => {
    const retry = vi.fn()
    show(<ProblemNotice error={new Unreachable()} onRetry={retry} />)
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(retry).toHaveBeenCalledOnce()
  })

  it('is nothing when nothing is wrong', () => {
    show(<ProblemNotice error={null} />)
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
