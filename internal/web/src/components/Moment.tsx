import { Tooltip } from '@mantine/core'
import { exact, relative, short } from '@/time/format'
import { offsetLabel } from '@/time/zone'

interface Props {
  at: string // RFC 3339
  zone: string
  now: Date
  show?: 'relative' | 'short' | 'exact' | 'both'
}

/** A point in time: short to read, exact on hover, and exact for a screen reader. */
export function Moment({ at, zone, now, show = 'relative' }: Props) {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return null
  const full = `${exact(zone, date)} (${offsetLabel(zone, date)})`
  const words = {
    relative: relative(date, now),
    short: short(zone, date, now),
    exact: full,
    both: `${short(zone, date, now)} · ${relative(date, now)}`,
  }[show]
  return (
    <Tooltip label={full} disabled={show === 'exact'}>
      <time dateTime={at}>{words}</time>
    </Tooltip>
  )
}
