import { describe, expect, it } from 'vitest'
import { exact, fileSize, relative, short } from './format'

const now = new Date('2026-11-24T18:00:00Z')
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)

describe('relative', () => {
  it.each([
    [0, 'just now'],
    [-9, 'just now'],
    [-10, '10 seconds ago'],
    [30, 'in 30 seconds'],
    [-61, '1 minute ago'],
    [5400, 'in 90 minutes'],
    [30 * 3600, 'in 30 hours'],
    [49 * 3600, 'in 2 days'],
    [-40 * 86_400, '40 days ago'],
    [90 * 86_400, 'in 3 months'],
  ])('%i seconds is %s', (seconds, words) => {
    expect(relative(after(seconds), now)).toBe(words)
  })
})

describe('exact and short', () => {
  it('follow the zone, to the second', () => {
    expect(exact('Europe/Berlin', now)).toBe('Tue, 24 Nov 2026, 19:00:00')
    expect(exact('America/New_York', now)).toBe('Tue, 24 Nov 2026, 13:00:00')
  })

  it('name the year only when it is another one', () => {
    expect(short('UTC', now, now)).toBe('24 Nov, 18:00')
    expect(short('UTC', after(86_400 * 60), now)).toBe('23 Jan 2027, 18:00')
  })
})

describe('fileSize', () => {
  it.each([
    [999, '999 B'],
    [1500, '1.5 kB'],
    [24_000, '24 kB'],
    [2_400_000, '2.4 MB'],
  ])('%i is %s', (bytes, words) => {
    expect(fileSize(bytes)).toBe(words)
  })
})
