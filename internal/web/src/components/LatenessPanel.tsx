import { Button, Group, NumberInput, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldError, Problem } from '@/services/problem'
import { changeWorkspace, workspaceQuery } from '@/services/workspace'
import { Panel } from './Panel'
import { ProblemNotice } from './ProblemNotice'

/** How late a post that waited for its account may still go out by itself. */
export function LatenessPanel({ manages }: { manages: boolean }) {
  const queryClient = useQueryClient()
  const workspace = useQuery(workspaceQuery)
  const saved = workspace.data?.lateness_hours
  const [typed, setTyped] = useState<number | string>('')
  const hours = typed === '' ? saved : Number(typed)
  const save = useMutation({
    mutationFn: () => changeWorkspace({ lateness_hours: hours }),
    onSuccess: (after) => {
      queryClient.setQueryData(workspaceQuery.queryKey, after)
      setTyped('')
      notifications.show({ color: 'green', message: 'Saved.' })
    },
  })
  const atField = save.error instanceof Problem && save.error.errors.length > 0
  return (
    <Panel title="Late posts">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Posts wait while their account is blocked or paused. When it is back, what is only a little late
            goes out by itself. What is later than this fails as “too late” instead, so that nothing old
            floods out; you can still send it by hand.
          </Text>
          <ProblemNotice error={workspace.error} onRetry={() => void workspace.refetch()} />
          {workspace.isPending && <Skeleton height={60} />}
          {saved !== undefined && (
            <NumberInput
              label="Latest, in hours"
              min={1}
              max={720}
              clampBehavior="strict"
              allowDecimal={false}
              maw={180}
              disabled={!manages}
              value={typed === '' ? saved : typed}
              error={fieldError(save.error, 'lateness_hours')}
              onChange={setTyped}
            />
          )}
          {!atField && <ProblemNotice error={save.error} />}
          {manages && saved !== undefined && (
            <Group>
              <Button type="submit" disabled={!hours || hours === saved} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  )
}
