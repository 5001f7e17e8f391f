import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { Problem } from '@/services/problem'
import { meaningOf, wallOf } from '@/time/zone'
import { ProblemNotice } from './ProblemNotice'
import { WhenFields, type When } from './WhenFields'

interface Props {
  at: string
  zone: string
  now: Date
  busy: boolean
  error: unknown
  onMove: (at: Date) => void
  onClose: () => void
}

/** Moves a scheduled post. */
export function RescheduleDialog({ at, zone, now, busy, error, onMove, onClose }: Props) {
  const [when, setWhen] = useState<When>(() => ({ ...wallOf(zone, new Date(at)), fold: 'first' }))
  const meaning = meaningOf(zone, when)
  const chosen = meaning.kind === 'exact' ? meaning.at : meaning.kind === 'twice' ? meaning[when.fold] : null
  const atField = error instanceof Problem ? error.errors.filter((e) => e.field.endsWith('publish_at')) : []
  return (
    <Modal opened onClose={onClose} title="Move to another time">
      <Stack gap="md">
        <WhenFields value={when} zone={zone} now={now} problems={atField} onChange={setWhen} />
        {atField.length === 0 && <ProblemNotice error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Keep the time
          </Button>
          <Button
            loading={busy}
            disabled={!chosen || chosen.getTime() < now.getTime()}
            onClick={() => {
              if (chosen) onMove(chosen)
            }}
          >
            Move
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
