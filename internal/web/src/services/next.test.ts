import { describe, expect, it } from 'vitest'
import { safeNext } from './next'

describe('safeNext', () => {
  it.each([
    ['/compose?from=pst_1', '/compose?from=pst_1'],
    ['//evil.test', '/posts'],
    ['/\\evil.test', '/posts'],
    ['https://evil.test', '/posts'],
    ['javascript:alert(1)', '/posts'],
    ['', '/posts'],
    [undefined, '/posts'],
  ])('%s leads to %s', (next, place) => {
    expect(safeNext(next)).toBe(place)
  })
})
