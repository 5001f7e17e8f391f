/**
 * Wall clock time in a named zone and the instants it stands for. The browser's own zone never matters: a
 * workspace has one zone, and everybody in it plans by that clock.
 */
export interface WallTime {
  date: string // YYYY-MM-DD
  time: string // HH:MM:SS
}

/** What a wall clock time means. Around a clock change it may mean nothing, or two instants. */
export type Meaning =
  | { kind: 'exact'; at: Date }
  | { kind: 'twice'; first: Date; second: Date } // clocks went back: it comes two times
  | { kind: 'gap'; after: Date } // clocks went forward: it never comes; after = as far past the jump
  | { kind: 'incomplete' }

const day = 86_400_000

/** How far the zone is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(zone: string, at: Date): number {
  const whole = Math.floor(at.getTime() / 1000) * 1000
  const w = wallParts(zone, at)
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second) - whole
}

/** The instants at which the zone's clocks show this time. */
export function meaningOf(zone: string, wall: WallTime): Meaning {
  const asUTC = parse(wall)
  if (asUTC === null) return { kind: 'incomplete' }
  const before = offsetAt(zone, new Date(asUTC - day))
  const after = offsetAt(zone, new Date(asUTC + day))
  const instants = [...new Set([before, after])]
    .map((offset) => new Date(asUTC - offset))
    .filter((at) => offsetAt(zone, at) === asUTC - at.getTime())
    .sort((a, b) => a.getTime() - b.getTime())
  const [first, second] = instants
  if (first && second) return { kind: 'twice', first, second }
  if (first) return { kind: 'exact', at: first }
  return { kind: 'gap', after: new Date(asUTC - before) }
}

/** What the zone's clocks show at an instant. */
export function wallOf(zone: string, at: Date): WallTime {
  const w = wallParts(zone, at)
  return {
    date: `${pad(w.year, 4)}-${pad(w.month)}-${pad(w.day)}`,
    time: `${pad(w.hour)}:${pad(w.minute)}:${pad(w.second)}`,
  }
}

/** "UTC+1", "UTC-3:30", "UTC". */
export function offsetLabel(zone: string, at: Date): string {
  const minutes = Math.round(offsetAt(zone, at) / 60_000)
  if (minutes === 0) return 'UTC'
  const rest = Math.abs(minutes) % 60
  const hours = Math.floor(Math.abs(minutes) / 60)
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours)}${rest ? `:${pad(rest)}` : ''}`
}

/** Every zone the browser knows, with UTC, which some of them leave out. */
export function zones(): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}

/** The zone the browser is in. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

function parse(wall: WallTime): number | null {
  const d = /^(\d{4})-(\d{2})-(\d{2})$/.exec(wall.date)
  const t = /^(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(wall.time)
  if (!d || !t) return null
  const at = Date.UTC(
    Number(d[1]),
    Number(d[2]) - 1,
    Number(d[3]),
    Number(t[1]),
    Number(t[2]),
    Number(t[3] ?? 0),
  )
  return Number.isNaN(at) ? null : at
}

function wallParts(zone: string, at: Date) {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const get = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value ?? 0)
  return {
    year: get('year'),
    month: get('month'),
    day: get('day'),
    hour: get('hour'),
    minute: get('minute'),
    second: get('second'),
  }
}

function pad(n: number, width = 2) {
  return String(n).padStart(width, '0')
}
