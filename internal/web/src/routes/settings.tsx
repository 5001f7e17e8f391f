import { Button, Group, Skeleton, Stack, Switch, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createRoute, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { LatenessPanel } from '@/components/LatenessPanel'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { PlatformTitle } from '@/components/PlatformTitle'
import { ProblemNotice } from '@/components/ProblemNotice'
import { ZoneSelect } from '@/components/ZoneSelect'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { platformsQuery } from '@/services/platforms'
import { fieldError, Problem } from '@/services/problem'
import { may } from '@/services/roles'
import { sessionQuery, type Session } from '@/services/session'
import { changeWorkspace, flagsQuery, switchPlatform } from '@/services/workspace'
import { exact } from '@/time/format'
import { appRoute } from './app'

export const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/settings',
  component: Settings,
})

function Settings() {
  const session = useSession()
  const manages = may(session, 'manage')
  return (
    <>
      <PageHeader
        title="Settings"
        lead={manages ? undefined : 'Only an owner or admin of the workspace can change these.'}
      />
      <Stack gap="lg" maw={680}>
        <Workspace session={session} manages={manages} />
        <LatenessPanel manages={manages} />
        <Platforms manages={manages} />
        {manages && (
          <Panel title="Webhooks">
            <Text size="sm" c="dimmed">
              Platforms tell Herald of new comments, permissions taken back and the like.{' '}
              <Link to="/events">See what they told, and replay what failed</Link>.
            </Text>
          </Panel>
        )}
        <Panel title="For developers">
          <Text size="sm" c="dimmed">
            Everything this page does can be done over HTTP. <a href="/docs">Read the API reference</a>.
          </Text>
        </Panel>
      </Stack>
    </>
  )
}

function Workspace({ session, manages }: { session: Session; manages: boolean }) {
  const queryClient = useQueryClient()
  const now = useNow(1000)
  const [name, setName] = useState(session.workspace.name)
  const [zone, setZone] = useState(session.workspace.time_zone)
  const changed = name.trim() !== session.workspace.name || zone !== session.workspace.time_zone
  const save = useMutation({
    mutationFn: () => changeWorkspace({ name: name.trim(), time_zone: zone }),
    onSuccess: (workspace) => {
      queryClient.setQueryData(sessionQuery.queryKey, (s) => (s ? { ...s, workspace } : s))
      notifications.show({ color: 'green', message: 'Saved.' })
    },
  })
  const atFields = save.error instanceof Problem && save.error.errors.length > 0
  return (
    <Panel title="Workspace">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            required
            disabled={!manages}
            value={name}
            error={fieldError(save.error, 'name')}
            onChange={(e) => {
              setName(e.currentTarget.value)
            }}
          />
          <ZoneSelect
            label="Time zone"
            description="Every time on these pages is by these clocks. Posts that are scheduled keep their instant."
            now={now}
            disabled={!manages}
            value={zone}
            error={fieldError(save.error, 'time_zone')}
            onChange={(z) => {
              if (z) setZone(z)
            }}
          />
          <Text size="sm" c="dimmed">
            There it is {exact(zone, now)}.
          </Text>
          {!atFields && <ProblemNotice error={save.error} />}
          {manages && (
            <Group>
              <Button type="submit" disabled={!changed || name.trim() === ''} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  )
}

function Platforms({ manages }: { manages: boolean }) {
  const queryClient = useQueryClient()
  const flags = useQuery(flagsQuery)
  const platforms = useQuery(platformsQuery)
  const turn = useMutation({
    mutationFn: ({ platform, on }: { platform: string; on: boolean }) => switchPlatform(platform, on),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: flagsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: platformsQuery.queryKey }),
      ]),
  })
  const error = flags.error ?? platforms.error ?? turn.error
  return (
    <Panel title="Platforms">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          A platform that is off is not offered, and nothing is published to its accounts until it is on
          again. <Link to="/capabilities">See what each platform takes and can do</Link>.
        </Text>
        <ProblemNotice error={error} />
        {!error && (flags.isPending || platforms.isPending) && <Skeleton height={32} />}
        {flags.data?.map((flag) => {
          const platform = platforms.data?.find((p) => p.platform === flag.platform)
          const pending = turn.isPending && turn.variables.platform === flag.platform
          return (
            <Group key={flag.platform} justify="space-between">
              {platform ? <PlatformTitle platform={platform} /> : flag.platform}
              <Switch
                aria-label={`${platform?.title ?? flag.platform} is on`}
                checked={pending ? turn.variables.on : flag.on}
                disabled={!manages || pending}
                onChange={(e) => {
                  turn.mutate({ platform: flag.platform, on: e.currentTarget.checked })
                }}
              />
            </Group>
          )
        })}
      </Stack>
    </Panel>
  )
}
