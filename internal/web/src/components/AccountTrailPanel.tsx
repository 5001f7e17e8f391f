import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { trailQuery } from '@/services/connections'
import { Panel } from './Panel'
import { ProblemNotice } from './ProblemNotice'
import { Timeline } from './Timeline'

/** What happened to an account: linked, renewed, blocked, and what was published to it. */
export function AccountTrailPanel({
  connectionId,
  now,
  zone,
}: {
  connectionId: string
  now: Date
  zone: string
}) {
  const trail = useQuery(trailQuery(connectionId))
  return (
    <Panel title="What happened">
      <ProblemNotice error={trail.error} onRetry={() => void trail.refetch()} />
      {trail.isPending && <Skeleton height={90} />}
      {trail.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing yet.
        </Text>
      )}
      {trail.data && trail.data.length > 0 && (
        <Timeline
          entries={trail.data.slice(0, 20).map((e) => ({ ...e, step: undefined }))}
          zone={zone}
          now={now}
        />
      )}
    </Panel>
  )
}
