import { beforeEach, describe, expect, it } from 'vitest'
import {
  dropDraft,
  keyOf,
  loadDraft,
  movedUp,
  newDraft,
  placed,
  plannedAt,
  randomId,
  requestOf,
  saveDraft,
  type Draft,
} from './draft'

const zone = 'Europe/Berlin'
const draft = (over: Partial<Draft> = {}): Draft => ({
  ...newDraft('d1'),
  text: 'Hello',
  targets: ['con_a', 'con_b'],
  ...over,
})

beforeEach(() => {
  localStorage.clear()
})

describe('keyOf', () => {
  it('stays the same across retries, reloads and tabs', () => {
    const d = draft()
    saveDraft('w/m', d)
    const other = loadDraft('w/m')
    expect(other).not.toBeNull()
    expect(keyOf(other ?? d, zone)).toBe(keyOf(d, zone))
    expect(keyOf({ ...d, unconfirmed: 'x' }, zone)).toBe(keyOf(d, zone))
  })

  it.each<[string, Partial<Draft>]>([
    ['text', { text: 'Hello!' }],
    ['targets', { targets: ['con_a'] }],
    ['own text', { own: { con_a: 'x' } }],
    ['time', { when: 'later', date: '2027-01-01', time: '10:00:00' }],
    ['link', { link: 'https://example.test' }],
  ])('changes when the %s changes', (_, change) => {
    expect(keyOf(draft(change), zone)).not.toBe(keyOf(draft(), zone))
  })

  it('comes back when a change is taken back', () => {
    expect(keyOf({ ...draft({ text: 'x' }), text: 'Hello' }, zone)).toBe(keyOf(draft(), zone))
  })

  it('is another one for the same words in the next composition', () => {
    expect(keyOf({ ...draft(), id: randomId() }, zone)).not.toBe(keyOf(draft(), zone))
  })
})

describe('requestOf', () => {
  it('sends only what was said', () => {
    expect(requestOf(draft({ own: { con_b: '' }, options: { con_a: {} } }), zone)).toEqual({
      text: 'Hello',
      media: [],
      targets: [{ connection_id: 'con_a' }, { connection_id: 'con_b', text: '' }],
    })
  })

  it('sends the instant in UTC, to the second', () => {
    const d = draft({ when: 'later', date: '2026-12-24', time: '18:00:07' })
    expect(requestOf(d, zone).publish_at).toBe('2026-12-24T17:00:07Z')
  })
})

describe('plannedAt', () => {
  it('lets the person choose where a time comes twice, and has none where it never comes', () => {
    const twice = draft({ when: 'later', date: '2026-10-25', time: '02:30:00' })
    expect(plannedAt(twice, zone)).toEqual(new Date('2026-10-25T00:30:00Z'))
    expect(plannedAt({ ...twice, fold: 'second' }, zone)).toEqual(new Date('2026-10-25T01:30:00Z'))
    expect(plannedAt(draft({ when: 'later', date: '2027-03-28', time: '02:30:00' }), zone)).toBeNull()
  })
})

describe('a stored draft', () => {
  it('is per person and can be dropped', () => {
    saveDraft('w/m1', draft())
    expect(loadDraft('w/m2')).toBeNull()
    dropDraft('w/m1')
    expect(loadDraft('w/m1')).toBeNull()
  })

  it('is ignored when it is not ours', () => {
    localStorage.setItem('herald.draft.w/m', '{"id":1}')
    expect(loadDraft('w/m')).toBeNull()
    localStorage.setItem('herald.draft.w/m', 'not json')
    expect(loadDraft('w/m')).toBeNull()
  })
})

describe('the order of files', () => {
  const file = (id: string) => ({ id, name: id, type: 'image/jpeg', bytes: 1, width: 1, height: 1, alt: '' })
  const ids = (media: { id: string }[]) => media.map((m) => m.id).join('')

  it('is the one they were chosen in, whichever arrives first', () => {
    const places = new Map([
      ['b', 1],
      ['c', 2],
      ['a', 0],
    ])
    let media = [file('x')] // of the kept draft
    for (const id of ['b', 'c', 'a']) media = placed(media, file(id), places)
    expect(ids(media)).toBe('xabc')
    expect(ids(placed(media, file('l'), places))).toBe('xabcl')
  })

  it('can be changed', () => {
    const media = [file('a'), file('b'), file('c')]
    expect(ids(movedUp(media, 'c'))).toBe('acb')
    expect(ids(movedUp(media, 'a'))).toBe('abc')
    expect(ids(movedUp(media, 'z'))).toBe('abc')
  })
})
