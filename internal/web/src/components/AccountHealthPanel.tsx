import { Button, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { healthQuery, type HealthLine } from '@/services/connections'
import classes from './AccountHealthPanel.module.css'
import { Moment } from './Moment'
import { Panel } from './Panel'
import { ProblemNotice } from './ProblemNotice'

const shown = 6

/** What the hourly pings of an account saw: bars for how long the platform took, and the newest in words. */
export function AccountHealthPanel({
  connectionId,
  now,
  zone,
}: {
  connectionId: string
  now: Date
  zone: string
}) {
  const log = useQuery(healthQuery(connectionId))
  const [all, setAll] = useState(false)
  const lines = log.data ?? []
  return (
    <Panel title="Connection health">
      <ProblemNotice error={log.error} onRetry={() => void log.refetch()} />
      {log.isPending && <Skeleton height={90} />}
      {log.data && lines.length === 0 && (
        <Text size="sm" c="dimmed">
          Herald asks the platform once an hour whether the account works. The first answer is not there yet.
        </Text>
      )}
      {lines.length > 0 && (
        <>
          <Bars lines={lines} />
          <ul className={classes.list}>
            {(all ? lines : lines.slice(0, shown)).map((l) => (
              <li key={l.at} data-ok={l.ok || undefined}>
                <span className={classes.when}>
                  <Moment at={l.at} zone={zone} now={now} show="short" />
                </span>
                <span>{l.words}</span>
                <span className={classes.latency}>{l.latency_ms.toLocaleString('en')} ms</span>
              </li>
            ))}
          </ul>
          {lines.length > shown && (
            <Button
              size="compact-sm"
              variant="subtle"
              mt="xs"
              onClick={() => {
                setAll(!all)
              }}
            >
              {all ? 'Show fewer' : `Show all ${String(lines.length)}`}
            </Button>
          )}
        </>
      )}
    </Panel>
  )
}

function Bars({ lines }: { lines: HealthLine[] }) {
  const most = Math.max(...lines.map((l) => l.latency_ms), 1)
  const worked = lines.filter((l) => l.ok).length
  const sorted = lines.map((l) => l.latency_ms).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {worked} of the last {lines.length} checks worked; the usual answer took {median.toLocaleString('en')}{' '}
        ms.
      </Text>
      <svg
        className={classes.bars}
        viewBox="0 0 500 48"
        preserveAspectRatio="none"
        role="img"
        aria-label={`How long the platform took, oldest at the left; at most ${String(most)} milliseconds`}
      >
        {lines.map((l, i) => {
          const height = 4 + (44 * l.latency_ms) / most
          return (
            <rect
              key={l.at}
              data-ok={l.ok || undefined}
              x={500 - (i + 1) * 10 + 1}
              y={48 - height}
              width={8}
              height={height}
            />
          )
        })}
      </svg>
    </>
  )
}
