import { Button, Group, Skeleton, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { MetricReport, MetricValue } from '@/services/metrics'
import { IconInfoCircle } from './icons'
import classes from './MetricTiles.module.css'
import { Moment } from './Moment'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  report: MetricReport | undefined
  error: unknown
  zone: string
  now: Date
  onRetry: () => void
  /** What helps where the access must be given again. */
  reconnect?: ReactNode
}

/** Numbers about a post or an account, with their time. What is not known is a dash and says why. */
export function MetricTiles({ report, error, zone, now, onRetry, reconnect }: Props) {
  if (error) return <ProblemNotice error={error} onRetry={onRetry} />
  if (!report) return <Skeleton height={84} radius="md" aria-label="Loading the numbers" role="status" />
  const notes = [...new Set(report.items.filter((m) => m.note).map((m) => m.note ?? ''))]
  return (
    <div className={classes.root}>
      {report.problem && (
        <div className={classes.problem} role="status">
          <IconInfoCircle size={17} aria-hidden />
          <div>
            <Text size="sm">{report.problem.message}</Text>
            <Group gap="xs" mt={6}>
              {report.problem.action.kind === 'reconnect' && reconnect}
              {report.problem.action.kind !== 'reconnect' && (
                <Button size="compact-sm" variant="default" onClick={onRetry}>
                  Try again
                </Button>
              )}
            </Group>
          </div>
        </div>
      )}
      {report.items.length > 0 && (
        <dl className={classes.tiles}>
          {report.items.map((m) => (
            <div key={m.name} className={classes.tile}>
              <dt>
                {m.title}
                {m.note && <sup>{notes.indexOf(m.note) + 1}</sup>}
              </dt>
              <dd data-unknown={m.value === undefined || undefined}>
                {m.value === undefined ? (
                  <>
                    <span aria-hidden="true">–</span>
                    <span className="visually-hidden">not known</span>
                  </>
                ) : (
                  words(m)
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {report.items.length === 0 && !report.problem && (
        <Text size="sm" c="dimmed">
          The platform has no numbers for this.
        </Text>
      )}
      {notes.length > 0 && (
        <ol className={classes.notes}>
          {notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ol>
      )}
      {report.as_of && (
        <Text size="xs" c="dimmed">
          As of <Moment at={report.as_of} zone={zone} now={now} show="both" past />
        </Text>
      )}
    </div>
  )
}

const whole = new Intl.NumberFormat('en')

function words(m: MetricValue): string {
  const value = m.value ?? 0
  if (m.unit !== 'ms') return whole.format(value)
  const seconds = Math.round(value / 1000)
  if (seconds < 60) return `${String(Math.round(value / 100) / 10)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60)} s`
  return `${whole.format(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`
}
