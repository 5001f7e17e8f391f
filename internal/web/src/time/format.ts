/** "Tue, 24 Nov 2026, 17:30:05", by the clocks of the zone. */
export function exact(zone: string, at: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at)
}

/** "24 Nov, 17:30", and the year when it is another one. */
export function short(zone: string, at: Date, now: Date): string {
  const year = (d: Date) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric' }).format(d)
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(year(at) === year(now) ? {} : { year: 'numeric' }),
  }).format(at)
}

/** "24 November 2026". */
export function longDate(zone: string, at: Date): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'long' }).format(at)
}

/** "17:30:05". */
export function clock(zone: string, at: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at)
}

// unit, its length in seconds, from how many seconds on it is used
const steps: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['year', 31_557_600, 2 * 31_557_600],
  ['month', 2_629_800, 2 * 2_629_800],
  ['day', 86_400, 2 * 86_400],
  ['hour', 3600, 2 * 3600],
  ['minute', 60, 60],
]

/** "in 5 minutes", "30 hours ago", "just now". Days only from two on, since "tomorrow" would be a calendar's word. */
export function relative(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
  const size = Math.abs(seconds)
  for (const [unit, length, from] of steps) {
    if (size >= from) return words.format(Math.round(seconds / length), unit)
  }
  return size < 0.5 || (seconds <= 0 && size < 10) ? 'just now' : words.format(Math.round(seconds), 'second')
}

/** The length of a video: "0:07", "1:02:30". */
export function videoLength(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0
    ? `${String(hours)}:${two(minutes)}:${two(seconds % 60)}`
    : `${String(minutes)}:${two(seconds % 60)}`
}

/** "3.4 MB". */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`
  const kilo = bytes / 1000
  if (kilo < 1000) return `${kilo.toFixed(kilo < 10 ? 1 : 0)} kB`
  return kilo < 1_000_000
    ? `${(kilo / 1000).toFixed(1).replace(/\.0$/, '')} MB`
    : `${(kilo / 1_000_000).toFixed(2)} GB`
}
