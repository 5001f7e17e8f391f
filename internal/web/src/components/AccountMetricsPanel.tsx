import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Connection } from '@/services/connections'
import { accountMetricsQuery, type Period } from '@/services/metrics'
import { startURL } from '@/services/platforms'
import { MetricTiles } from './MetricTiles'
import { Panel } from './Panel'

interface Props {
  connection: Connection
  zone: string
  now: Date
  canManage: boolean
}

/** The numbers of an account for the last days. */
export function AccountMetricsPanel({ connection: c, zone, now, canManage }: Props) {
  const [period, setPeriod] = useState<Period>('7d')
  const report = useQuery(accountMetricsQuery(c.id, period))
  return (
    <Panel
      title="Numbers"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Period"
          value={period}
          onChange={(v) => {
            setPeriod(v)
          }}
          data={[
            { value: '7d', label: '7 days' },
            { value: '28d', label: '28 days' },
          ]}
        />
      }
    >
      <MetricTiles
        report={report.data}
        error={report.error}
        zone={zone}
        now={now}
        onRetry={() => void report.refetch()}
        reconnect={
          canManage && (
            <Button
              component="a"
              href={startURL(c.platform, { reconnect: c.id, returnTo: `/accounts/${c.id}` })}
              size="compact-sm"
            >
              Reconnect
            </Button>
          )
        }
      />
    </Panel>
  )
}
