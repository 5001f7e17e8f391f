import { Button, Checkbox, Group, Modal, Radio, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Decision, Job, PostedCandidate } from '@/services/jobs'
import { exact, relative } from '@/time/format'
import classes from './HeldDialog.module.css'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  job: Job
  platformTitle: string
  candidates: PostedCandidate[] | undefined // undefined while they are looked for
  candidatesError: unknown
  zone: string
  now: Date
  busy: boolean
  error: unknown
  onLookAgain: () => void
  onDecide: (decision: Decision) => void
  onClose: () => void
}

const other = 'other'

/**
 * A job of which nobody knows whether it reached the platform. Only a person who looks there can say; each answer
 * has its own button, and posting again must be meant.
 */
export function HeldDialog(props: Props) {
  const {
    job,
    platformTitle,
    candidates,
    candidatesError,
    zone,
    now,
    busy,
    error,
    onLookAgain,
    onDecide,
    onClose,
  } = props
  const [chosen, setChosen] = useState('')
  const [id, setId] = useState('')
  const [looked, setLooked] = useState(false)
  const found = candidates?.find((c) => c.external_id === chosen)
  const there: Decision | null = found
    ? {
        outcome: 'there',
        external_id: found.external_id,
        ...(found.permalink ? { permalink: found.permalink } : {}),
      }
    : chosen === other && id.trim()
      ? { outcome: 'there', external_id: id.trim() }
      : null

  return (
    <Modal opened onClose={onClose} title={`Is it on ${job.connection.name}?`} size="lg">
      <Stack gap="md">
        <Text size="sm">
          {job.problem?.message ??
            `The connection broke while the post was being sent, so it may be on ${platformTitle} or not.`}{' '}
          Herald never posts twice by itself, so please look.
        </Text>
        <blockquote className={classes.quote}>{job.text || 'A post without text'}</blockquote>

        <Radio.Group
          label={`What is on ${platformTitle} since this post was accepted`}
          value={chosen}
          onChange={setChosen}
        >
          <Stack gap={8} mt={8}>
            {candidatesError ? (
              <ProblemNotice error={candidatesError} onRetry={onLookAgain} />
            ) : candidates === undefined ? (
              <Skeleton height={54} radius="md" aria-label="Looking" />
            ) : (
              candidates.map((c) => (
                <label key={c.external_id} className={classes.candidate}>
                  <Radio value={c.external_id} />
                  <span className={classes.words}>
                    <span>{c.text || 'A post without text'}</span>
                    <Text size="xs" c="dimmed" component="span">
                      {exact(zone, new Date(c.created_at))}, {relative(new Date(c.created_at), now)}
                      {c.permalink && (
                        <>
                          {' · '}
                          <a href={c.permalink} target="_blank" rel="noreferrer">
                            Open it
                          </a>
                        </>
                      )}
                    </Text>
                  </span>
                </label>
              ))
            )}
            {candidates?.length === 0 && (
              <Text size="sm" c="dimmed">
                Nothing that could be it was found. Look at the account yourself before you decide.
              </Text>
            )}
            <label className={classes.candidate}>
              <Radio value={other} />
              <span className={classes.words}>It is there, but not in this list</span>
            </label>
            {chosen === other && (
              <TextInput
                label={`Its id on ${platformTitle}`}
                description="The number in the post's address"
                value={id}
                onChange={(e) => {
                  setId(e.currentTarget.value)
                }}
              />
            )}
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button
            disabled={there === null}
            loading={busy}
            onClick={() => {
              if (there) onDecide(there)
            }}
          >
            It is there: link it
          </Button>
        </Group>

        <div className={classes.again}>
          <Text size="sm" fw={600}>
            It is not there
          </Text>
          <Text size="sm" mt={2}>
            Posting again while the first one is there makes it appear twice.
          </Text>
          <Group justify="space-between" mt="sm">
            <Checkbox
              size="sm"
              label={`I have looked at ${job.connection.name}: it is not there`}
              checked={looked}
              onChange={(e) => {
                setLooked(e.currentTarget.checked)
              }}
            />
            <Button
              color="yellow"
              variant="outline"
              disabled={!looked}
              loading={busy}
              onClick={() => {
                onDecide({ outcome: 'post_again' })
              }}
            >
              Post again
            </Button>
          </Group>
        </div>
        <ProblemNotice error={error} />
      </Stack>
    </Modal>
  )
}
