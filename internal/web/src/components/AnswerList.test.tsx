import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it } from 'vitest'
import { show } from '@/test/show'
import { AnswerList } from './AnswerList'

function list(start: string[] = []) {
  const seen: string[][] = []
  function Host() {
    const [value, setValue] = useState(start)
    return (
      <AnswerList
        id="a"
        label="Answers"
        description={undefined}
        least={2}
        most={4}
        longest={5}
        error={undefined}
        value={value}
        onChange={(next) => {
          seen.push(next)
          setValue(next)
        }}
      />
    )
  }
  show(<Host />)
  return { last: () => seen.at(-1), field: (n: number) => screen.getByLabelText(`Answers ${String(n)}`) }
}

const fields = () => screen.getAllByRole('textbox').map((f) => (f as HTMLInputElement).value)

describe('AnswerList', () => {
  it('begins with as many fields as are needed, and gives what was written', async () => {
    const { last, field } = list()
    expect(fields()).toEqual(['', ''])
    expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull()
    await userEvent.type(field(1), 'Rye')
    expect(last()).toEqual(['Rye'])
    await userEvent.type(field(2), 'Oat')
    expect(last()).toEqual(['Rye', 'Oat'])
  })

  it('takes more, up to the most', async () => {
    const { last, field } = list(['Rye', 'Oat'])
    await userEvent.click(screen.getByRole('button', { name: 'Add another' }))
    await userEvent.click(screen.getByRole('button', { name: 'Add another' }))
    expect(screen.queryByRole('button', { name: 'Add another' })).toBeNull()
    await userEvent.type(field(4), 'Wheat')
    expect(last()).toEqual(['Rye', 'Oat', '', 'Wheat'])
  })

  it('removes the one that is meant', async () => {
    const { last } = list(['Rye', 'Oat', 'Wheat'])
    await userEvent.click(screen.getByRole('button', { name: 'Remove 2' }))
    expect(last()).toEqual(['Rye', 'Wheat'])
    expect(fields()).toEqual(['Rye', 'Wheat'])
  })

  it('says at once which one is too long, counted in characters', async () => {
    const { field } = list(['🥐🥐🥐🥐🥐', 'Oat'])
    expect(screen.queryByText('At most 5 characters')).toBeNull()
    await userEvent.type(field(1), 's')
    expect(screen.getByText('At most 5 characters')).toBeVisible()
  })
})
