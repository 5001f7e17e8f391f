import { describe, expect, it } from 'vitest'
import { sortProblems } from './problems'

const p = (field: string, connection_id?: string) => ({
  field,
  message: field,
  ...(connection_id ? { connection_id } : {}),
})

describe('sortProblems', () => {
  it('puts what one account refuses at that account, by id or by position', () => {
    const sorted = sortProblems(
      [p('targets[1].text'), p('targets[0].media[0]', 'con_a'), p('text', 'con_b')],
      ['con_a', 'con_b'],
    )
    expect(sorted.target.get('con_a')?.map((x) => x.field)).toEqual(['targets[0].media[0]'])
    expect(sorted.target.get('con_b')?.map((x) => x.field)).toEqual(['targets[1].text', 'text'])
    expect(sorted.text).toEqual([])
  })

  it('puts the rest at its field', () => {
    const sorted = sortProblems(
      [p('text'), p('link'), p('publish_at'), p('targets'), p('media'), p('media[2].alt'), p('header.x')],
      [],
    )
    expect(sorted.text).toHaveLength(1)
    expect(sorted.link).toHaveLength(1)
    expect(sorted.when).toHaveLength(1)
    expect(sorted.targets).toHaveLength(1)
    expect(sorted.media).toHaveLength(1)
    expect([...sorted.file.keys()]).toEqual([2])
    expect(sorted.other.map((x) => x.field)).toEqual(['header.x'])
  })

  it('loses none, not even one about a target that is not there', () => {
    const sorted = sortProblems([p('targets[7].text')], ['con_a'])
    expect(sorted.targets).toHaveLength(1)
  })
})
