import { describe, expect, it } from 'vitest'
import { optionFields } from './options'

describe('optionFields', () => {
  it('makes a field of every shape it knows and skips the rest', () => {
    const fields = optionFields({
      type: 'object',
      required: ['privacy'],
      properties: {
        comments: { type: 'boolean', title: 'Allow comments', default: true },
        privacy: { type: 'string', enum: ['public', 'friends'] },
        cover_at: { type: 'integer', minimum: 0, maximum: 60 },
        title: { type: 'string', maxLength: 90, description: 'Shown above' },
        users: { type: 'array' },
      },
    })
    expect(fields.map((f) => [f.name, f.type])).toEqual([
      ['comments', 'switch'],
      ['privacy', 'choice'],
      ['cover_at', 'number'],
      ['title', 'text'],
    ])
    expect(fields[1]).toMatchObject({ required: true, choices: ['public', 'friends'] })
    expect(fields[2]).toMatchObject({ label: 'cover at', min: 0, max: 60 })
    expect(fields[3]).toMatchObject({ max: 90, help: 'Shown above' })
  })

  it('has no fields where there is no schema', () => {
    expect(optionFields(undefined)).toEqual([])
    expect(optionFields({ type: 'object' })).toEqual([])
  })
})
