import { describe, expect, it } from 'vitest'
import { count } from './count'

describe('count', () => {
  const family = '👩‍👩‍👧' // one picture, five code points
  const cases: [string, string, number][] = [
    ['abc', 'graphemes', 3],
    [family, 'graphemes', 1],
    [family, 'code_points', 5],
    [family, 'utf16_units', 8],
    [family, 'bytes', 18],
    ['e\u0301', 'graphemes', 1],
    ['e\u0301', 'code_points', 2],
    ['ü', 'bytes', 2],
    ['🇩🇪', 'graphemes', 1],
    ['\r\n', 'graphemes', 1],
    ['', 'graphemes', 0],
  ]
  it.each(cases)('%j in %s is %i', (text, unit, n) => {
    expect(count(text, unit)).toBe(n)
  })
})
