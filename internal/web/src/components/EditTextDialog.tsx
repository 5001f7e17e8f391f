import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Job } from '@/services/jobs'
import type { PostKind } from '@/services/platforms'
import { Problem } from '@/services/problem'
import { FieldProblems } from './FieldProblems'
import { ProblemNotice } from './ProblemNotice'
import { TextCounter } from './TextCounter'

interface Props {
  job: Job
  kind: PostKind | undefined // its limits, where the platform still has it
  busy: boolean
  error: unknown
  onSave: (text: string) => void
  onClose: () => void
}

/** Changes the text of a post that is out already. */
export function EditTextDialog({ job, kind, busy, error, onSave, onClose }: Props) {
  const [text, setText] = useState(job.text)
  const fields = error instanceof Problem ? error.errors : []
  return (
    <Modal opened onClose={onClose} title={`Edit the text on ${job.connection.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSave(text)
        }}
      >
        <Stack gap="md">
          <Textarea
            label="Text"
            autosize
            minRows={4}
            maxRows={18}
            data-autofocus
            value={text}
            onChange={(e) => {
              setText(e.currentTarget.value)
            }}
          />
          {kind && (
            <Group justify="flex-end">
              <TextCounter text={text} limit={kind.text} name={job.connection.name} />
            </Group>
          )}
          <FieldProblems problems={fields} />
          {fields.length === 0 && <ProblemNotice error={error} />}
          <Text size="sm" c="dimmed">
            Only this account's post changes. Its likes and comments stay.
          </Text>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Keep it as it is
            </Button>
            <Button type="submit" loading={busy} disabled={text === job.text}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
