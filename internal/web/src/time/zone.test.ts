import { describe, expect, it } from 'vitest'
import { meaningOf, offsetLabel, wallOf } from './zone'

const berlin = 'Europe/Berlin'

describe('meaningOf', () => {
  it('reads a winter and a summer time by the zone, not by the browser', () => {
    expect(meaningOf(berlin, { date: '2026-11-24', time: '17:30:05' })).toEqual({
      kind: 'exact',
      at: new Date('2026-11-24T16:30:05Z'),
    })
    expect(meaningOf(berlin, { date: '2026-07-01', time: '09:00:00' })).toEqual({
      kind: 'exact',
      at: new Date('2026-07-01T07:00:00Z'),
    })
    expect(meaningOf('Asia/Kathmandu', { date: '2026-01-01', time: '00:00:00' })).toEqual({
      kind: 'exact',
      at: new Date('2025-12-31T18:15:00Z'),
    })
  })

  it('says that a time in the spring gap does not exist, and what comes instead', () => {
    const meaning = meaningOf(berlin, { date: '2027-03-28', time: '02:30:00' })
    expect(meaning).toEqual({ kind: 'gap', after: new Date('2027-03-28T01:30:00Z') })
    expect(wallOf(berlin, new Date('2027-03-28T01:30:00Z'))).toEqual({ date: '2027-03-28', time: '03:30:00' })
  })

  it('gives both instants of a time that comes twice in autumn', () => {
    expect(meaningOf(berlin, { date: '2026-10-25', time: '02:30:00' })).toEqual({
      kind: 'twice',
      first: new Date('2026-10-25T00:30:00Z'),
      second: new Date('2026-10-25T01:30:00Z'),
    })
  })

  it('is exact on both edges of a clock change', () => {
    expect(meaningOf(berlin, { date: '2027-03-28', time: '01:59:59' }).kind).toBe('exact')
    expect(meaningOf(berlin, { date: '2027-03-28', time: '03:00:00' }).kind).toBe('exact')
    expect(meaningOf(berlin, { date: '2026-10-25', time: '01:59:59' }).kind).toBe('exact')
    expect(meaningOf(berlin, { date: '2026-10-25', time: '03:00:00' }).kind).toBe('exact')
  })

  it('knows the half hour change of Lord Howe', () => {
    expect(meaningOf('Australia/Lord_Howe', { date: '2026-10-04', time: '02:15:00' }).kind).toBe('gap')
    expect(meaningOf('Australia/Lord_Howe', { date: '2026-10-04', time: '02:30:00' }).kind).toBe('exact')
  })

  it('does not guess from half a time', () => {
    expect(meaningOf(berlin, { date: '', time: '10:00:00' }).kind).toBe('incomplete')
    expect(meaningOf(berlin, { date: '2026-11-24', time: '' }).kind).toBe('incomplete')
  })
})

describe('offsetLabel', () => {
  it('is the offset at that instant', () => {
    expect(offsetLabel(berlin, new Date('2026-11-24T12:00:00Z'))).toBe('UTC+1')
    expect(offsetLabel(berlin, new Date('2026-07-01T12:00:00Z'))).toBe('UTC+2')
    expect(offsetLabel('America/St_Johns', new Date('2026-01-01T12:00:00Z'))).toBe('UTC-3:30')
    expect(offsetLabel('UTC', new Date())).toBe('UTC')
  })
})
