import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { show } from '@/test/show'
import OptionsForm from './OptionsForm'

const schema = {
  type: 'object',
  required: ['privacy'],
  properties: {
    comments: { type: 'boolean', title: 'Allow comments', default: true },
    privacy: { type: 'string', title: 'Who can see it', enum: ['public', 'friends'] },
    cover_at: { type: 'integer', title: 'Cover', minimum: 0, maximum: 60 },
    title: { type: 'string', maxLength: 90, description: 'Shown above' },
    users: { type: 'array', title: 'Collaborators', maxItems: 3, items: { type: 'string' } },
  },
  if: { properties: { privacy: { const: 'friends' } }, required: ['privacy'] },
  then: { properties: { list: { type: 'string', title: 'Which list' } } },
}

function Host({ onChange }: { onChange: (v: Record<string, unknown>) => void }) {
  const [value, setValue] = useState<Record<string, unknown>>({})
  return (
    <OptionsForm
      id="con_1"
      schema={schema}
      value={value}
      onChange={(v) => {
        setValue(v)
        onChange(v)
      }}
    />
  )
}

it('has a field for every option, lists too, and those that depend on another', async () => {
  const user = userEvent.setup()
  let last: Record<string, unknown> = {}
  show(
    <Host
      onChange={(v) => {
        last = v
      }}
    />,
  )
  expect(screen.getByLabelText('Allow comments')).toBeChecked()
  await user.type(screen.getByLabelText(/Cover/), '7')
  await user.type(screen.getByLabelText(/Collaborators/, { selector: 'input' }), 'ada{Enter}bo{Enter}')
  expect(last).toMatchObject({ cover_at: 7, users: ['ada', 'bo'] })
  expect(screen.queryByLabelText(/Which list/)).toBeNull()
  await user.click(screen.getByRole('combobox', { name: /Who can see it/ }))
  await user.click(await screen.findByRole('option', { name: 'friends' }))
  await user.type(await screen.findByLabelText(/Which list/), 'x')
  expect(last).toMatchObject({ privacy: 'friends', list: 'x' })
  await user.clear(screen.getByLabelText(/Which list/))
  expect(last).not.toHaveProperty('list')
})
