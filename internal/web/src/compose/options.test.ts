import { describe, expect, it } from 'vitest'
import { directOptions } from '@/test/stub/tiktok'
import { choicesOf, linked, schemaNow, settled } from './options'

const schema = directOptions()
const names = (value: Record<string, unknown>) => Object.keys(schemaNow(schema, value).properties ?? {})

describe('schemaNow', () => {
  it('shows what depends on another choice only when it can be chosen', () => {
    expect(names({})).not.toContain('your_brand')
    expect(names({ disclose: true })).toEqual(expect.arrayContaining(['your_brand', 'branded_content']))
  })

  it('words the consent after what is chosen', () => {
    const consent = (value: Record<string, unknown>) => schemaNow(schema, value).properties?.consent
    expect(consent({})).toMatchObject({ const: 'music_usage' })
    const both = { disclose: true, branded_content: true }
    expect(consent(both)).toMatchObject({ const: 'branded_content_and_music_usage' })
    expect(consent(both)?.title).toContain('Branded Content Policy')
  })

  it('closes the choices that do not go together with it', () => {
    const level = (value: Record<string, unknown>) =>
      choicesOf(schemaNow(schema, value).properties?.privacy_level ?? {})?.filter((c) => c.off)
    expect(level({})).toEqual([])
    expect(level({ disclose: true, branded_content: true })).toMatchObject([{ value: 'SELF_ONLY' }])
  })
})

describe('settled', () => {
  it('takes away what is not offered and puts nothing in its place', () => {
    const offered = directOptions(['SELF_ONLY'], true)
    expect(
      settled(offered, { privacy_level: 'PUBLIC_TO_EVERYONE', allow_duet: true, allow_comment: true }),
    ).toEqual({ allow_comment: true })
  })

  it('asks again when the wording of the consent is another one', () => {
    const plain = { privacy_level: 'SELF_ONLY', consent: 'music_usage' }
    expect(settled(schema, plain)).toEqual(plain)
    expect(settled(schema, { ...plain, disclose: true, branded_content: true })).not.toHaveProperty('consent')
  })

  it('takes away what stood in a branch that is closed', () => {
    expect(
      settled(schema, {
        disclose: false,
        branded_content: true,
        consent: 'branded_content_and_music_usage',
      }),
    ).toEqual({ disclose: false })
  })

  it('gives what is required its default', () => {
    const poll = {
      type: 'object',
      required: ['days', 'question'],
      properties: { days: { type: 'integer', default: 3 }, question: { type: 'string' } },
    }
    expect(settled(poll, {})).toEqual({ days: 3 })
    expect(settled(poll, { days: 7, other: 1 })).toEqual({ days: 7, other: 1 })
  })
})

it('makes links of Markdown links, and of no other address than https', () => {
  expect(linked('You agree to the [Rules](https://rules.example/a) and [this](javascript:x).')).toEqual([
    { text: 'You agree to the ' },
    { text: 'Rules', href: 'https://rules.example/a' },
    { text: ' and [this](javascript:x).' },
  ])
})
