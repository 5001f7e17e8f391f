import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { eventQuery, kindWord, replayEvent } from '@/services/events'
import classes from './EventRow.module.css'
import facts from './Facts.module.css'
import { IconRefresh } from './icons'
import { Moment } from './Moment'
import { ProblemNotice } from './ProblemNotice'
import { EventPill } from './states'

interface Props {
  id: string
  nameOf: (connectionId: string) => string
  now: Date
  zone: string
  onClose: () => void
}

/** Everything about one event, and another try. */
export function EventDialog({ id, nameOf, now, zone, onClose }: Props) {
  const queryClient = useQueryClient()
  const { data: e, error, refetch } = useQuery(eventQuery(id))
  const replay = useMutation({
    mutationFn: () => replayEvent(id),
    onSuccess: async () => {
      onClose()
      await queryClient.invalidateQueries({ queryKey: ['events'] })
    },
  })
  return (
    <Modal opened onClose={onClose} title={e ? kindWord(e) : 'Event'} size="lg">
      <Stack gap="md">
        <ProblemNotice error={error} onRetry={() => void refetch()} />
        {!e && !error && <Skeleton height={160} />}
        {e && (
          <>
            <dl className={facts.facts}>
              <dt>State</dt>
              <dd>
                <EventPill state={e.state} />
              </dd>
              {e.reason && (
                <>
                  <dt>Why</dt>
                  <dd>{e.reason}</dd>
                </>
              )}
              <dt>Account</dt>
              <dd>{nameOf(e.connection_id)}</dd>
              <dt>Happened</dt>
              <dd>
                <Moment at={e.at} zone={zone} now={now} show="exact" />
              </dd>
              <dt>Received</dt>
              <dd>
                <Moment at={e.received_at} zone={zone} now={now} show="exact" />
              </dd>
              <dt>Tries</dt>
              <dd>{e.attempts}</dd>
              <dt>Id</dt>
              <dd>{e.id}</dd>
            </dl>
            {e.payload !== undefined && (
              <pre className={classes.payload} aria-label="What the platform sent">
                {JSON.stringify(e.payload, null, 2)}
              </pre>
            )}
            {e.forgotten && (
              <Text size="sm" c="dimmed">
                What the platform sent was deleted, because a person asked for it.
              </Text>
            )}
            <ProblemNotice error={replay.error} />
            <Group justify="space-between" gap="sm">
              <Text size="sm" c="dimmed" style={{ flex: 1 }}>
                Replaying does no harm: what was applied already changes nothing.
              </Text>
              <Button
                leftSection={<IconRefresh size={16} aria-hidden />}
                loading={replay.isPending}
                disabled={e.state === 'received'}
                onClick={() => {
                  replay.mutate()
                }}
              >
                Replay
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}
