import { Tooltip } from '@mantine/core'
import { exact, relative, short } from '@/time/format'
import { offsetLabel } from '@/time/zone'

interface Props {
  at: string // RFC 3339
  zone: string
  now: Date
  show?: 'relative' | 'short' | 'exact' | 'both'
  past?: boolean // it has happened: a clock that is behind does not put it into the future
}

/** A point in time: short to read, exact on hover, and exact for a screen reader. */
export function Moment({ at, zone, now: clock, show = 'relative', past = false }: Props) {
  const date = new Date(at)
  const now = past && date > clock ? date : clock
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
