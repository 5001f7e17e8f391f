import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { replaySince } from '@/services/events'
import { ProblemNotice } from './ProblemNotice'

const spans = [
  { value: '1', label: 'the last hour' },
  { value: '24', label: 'the last day' },
  { value: '168', label: 'the last week' },
  { value: '720', label: 'the last 30 days' },
]

/** Applies every failed event since a moment again. */
export function ReplayDialog({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient()
  const [hours, setHours] = useState('24')
  const replay = useMutation({
    mutationFn: async () => {
      const since = new Date(Date.now() - Number(hours) * 3_600_000)
      let replayed = 0
      for (;;) {
        const some = await replaySince(since)
        replayed += some.replayed
        if (!some.more) return replayed
      }
    },
    onSuccess: async (replayed) => {
      onClose()
      notifications.show({
        message:
          replayed === 0
            ? 'No event has failed in that time.'
            : replayed === 1
              ? 'One event is applied again.'
              : `${String(replayed)} events are applied again.`,
      })
      await queryClient.invalidateQueries({ queryKey: ['events'] })
    },
  })
  return (
    <Modal opened onClose={onClose} title="Replay failed events">
      <Stack gap="md">
        <Select
          label="Those that were received in"
          data={spans}
          value={hours}
          allowDeselect={false}
          onChange={(v) => {
            if (v) setHours(v)
          }}
        />
        <Text size="sm" c="dimmed">
          Do this after the cause is repaired. An event that fails again comes back to this list.
        </Text>
        <ProblemNotice error={replay.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            loading={replay.isPending}
            onClick={() => {
              replay.mutate()
            }}
          >
            Replay
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
