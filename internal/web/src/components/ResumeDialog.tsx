import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { ResumeMode } from '@/services/connections'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  name: string
  event?: string // what happened to the account
  waiting: number
  busy: boolean
  error: unknown
  onChoose: (mode: ResumeMode) => void
  onLater: () => void
}

/** An account works again. What waited for it may be old by now, so the person says what becomes of it. */
export function ResumeDialog({
  name,
  event = 'is connected again',
  waiting,
  busy,
  error,
  onChoose,
  onLater,
}: Props) {
  const [mode, setMode] = useState<ResumeMode>('keep_times')
  return (
    <Modal opened onClose={onLater} title={`${name} ${event}`}>
      <Stack gap="md">
        <Radio.Group
          label={waiting === 1 ? 'One post waits for it.' : `${String(waiting)} posts wait for it.`}
          value={mode}
          onChange={(value) => {
            setMode(value)
          }}
        >
          <Stack gap="sm" mt="xs">
            <Radio
              value="keep_times"
              label="Keep their times"
              description="What is still to come keeps its time. The rest goes out now, unless it is later than your workspace allows."
            />
            <Radio value="now" label="Send all now" description="However late they are." />
            <Radio value="drop" label="Drop them" description="They are cancelled and stay in your list." />
          </Stack>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          Without an answer they keep their times, in an hour.
        </Text>
        <ProblemNotice error={error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onLater}>
            Decide later
          </Button>
          <Button
            loading={busy}
            color={mode === 'drop' ? 'red.8' : undefined}
            onClick={() => {
              onChoose(mode)
            }}
          >
            {mode === 'drop' ? 'Drop' : 'Go on'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
