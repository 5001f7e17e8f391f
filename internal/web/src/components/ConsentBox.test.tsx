import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it, vi } from 'vitest'
import { show } from '@/test/show'
import { ConsentBox } from './ConsentBox'

const first = 'By posting, you agree to the [Rules](https://rules.example/a).'
const second =
  'By posting, you agree to the [Rules](https://rules.example/a) and the [Other](https://rules.example/b).'

function Host({ onChange }: { onChange: (checked: boolean) => void }) {
  const [agreed, setAgreed] = useState(false)
  const [sentence, setSentence] = useState(first)
  return (
    <>
      <ConsentBox
        id="c"
        sentence={sentence}
        checked={agreed}
        error={agreed ? undefined : 'Nobody has agreed.'}
        onChange={(checked) => {
          setAgreed(checked)
          onChange(checked)
        }}
      />
      <button
        onClick={() => {
          setSentence(second)
        }}
      >
        Other words
      </button>
    </>
  )
}

it('is a sentence with links that a person agrees to, and asks again when the words change', async () => {
  const user = userEvent.setup()
  const said = vi.fn()
  show(<Host onChange={said} />)
  const box = screen.getByRole('checkbox', { name: 'By posting, you agree to the Rules.' })
  expect(box).not.toBeChecked()
  expect(screen.getByText('Nobody has agreed.')).toBeVisible()
  const rules = screen.getByRole('link', { name: 'Rules' })
  expect(rules).toHaveAttribute('href', 'https://rules.example/a')
  expect(rules).toHaveAttribute('target', '_blank')

  await user.click(box)
  expect(box).toBeChecked()
  expect(screen.queryByText('Nobody has agreed.')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Other words' }))
  expect(screen.getByRole('checkbox', { name: /and the Other/ })).not.toBeChecked()
  expect(said.mock.calls).toEqual([[true], [false]])
})

it('asks nothing of who has not agreed when the words change', async () => {
  const said = vi.fn()
  show(<Host onChange={said} />)
  await userEvent.click(screen.getByRole('button', { name: 'Other words' }))
  expect(said).not.toHaveBeenCalled()
})
