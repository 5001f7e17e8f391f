import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import {
  connectionsQuery,
  pauseConnection,
  resumeConnection,
  unpauseConnection,
  type Connection,
  type ResumeMode,
} from '@/services/connections'
import { startURL, type PlatformInfo } from '@/services/platforms'
import { AccountAvatar } from './AccountAvatar'
import { IconExternalLink, IconPlayerPause, IconPlayerPlay, IconPlugOff, IconRefresh } from './icons'
import { Moment } from './Moment'
import { Panel } from './Panel'
import { ProblemNotice } from './ProblemNotice'
import { ResumeDialog } from './ResumeDialog'
import { ConnectionPill } from './states'

interface Props {
  connection: Connection
  platform: PlatformInfo | undefined
  now: Date
  zone: string
  canManage: boolean
  onDisconnect: () => void
}

const calm: Record<Connection['status'], string> = {
  healthy: 'Herald publishes to this account.',
  expiring: 'Herald publishes to this account, but its access ends soon.',
  blocked: 'Nothing is published to this account until it is connected again.',
  paused: 'Nothing is published to this account until it is in use again. Its access is kept alive.',
  disconnected: 'This account is disconnected. Connect it again to publish to it.',
}

/** How an account is, in words, and everything a person can do about it. */
export function AccountStatusPanel({ connection: c, platform, now, zone, canManage, onDisconnect }: Props) {
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(0) // posts about which the person is asked
  const refresh = () => queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
  const use = useMutation({
    mutationFn: () => (c.status === 'paused' ? unpauseConnection(c.id) : pauseConnection(c.id)),
    onSuccess: async (after) => {
      if (after.status !== 'paused') setAsking(after.waiting_jobs ?? 0)
      await refresh()
    },
  })
  const resume = useMutation({
    mutationFn: (mode: ResumeMode) => resumeConnection(c.id, mode),
    onSuccess: async () => {
      setAsking(0)
      await refresh()
    },
  })
  const kind = platform?.accounts.find((a) => a.kind === c.kind)
  const works = c.status === 'healthy' || c.status === 'expiring'
  const urgent = c.status === 'blocked' || c.status === 'expiring' || c.status === 'disconnected'
  const waiting = c.waiting_jobs ?? 0
  return (
    <Panel label="Status">
      <Stack gap="md">
        <Group gap="md" wrap="nowrap" align="flex-start">
          <AccountAvatar
            name={c.name}
            src={c.avatar_url}
            icon={kind?.icon ?? platform?.icon}
            color={kind?.color ?? platform?.color}
            size={52}
          />
          <Stack gap={4} style={{ minWidth: 0 }}>
            <Group gap="sm">
              <ConnectionPill status={c.status} />
              <Text size="sm" c="dimmed">
                since <Moment at={c.updated_at} zone={zone} now={now} show="both" />
              </Text>
            </Group>
            <Text size="sm">{calm[c.status]}</Text>
            {c.reason && <Text size="sm">{c.reason}</Text>}
            {c.unheard && c.status !== 'disconnected' && (
              <Text size="sm">Comments do not arrive by themselves: {c.unheard}</Text>
            )}
            {c.action && !['reconnect', 'none'].includes(c.action.kind) && (
              <Text size="sm" c="dimmed">
                {c.action.label}
              </Text>
            )}
            {waiting > 0 && (
              <Text size="sm">
                <Link to="/posts" search={{ state: 'needs_you' }}>
                  {waiting === 1 ? 'One post waits' : `${String(waiting)} posts wait`}
                </Link>{' '}
                for this account.
              </Text>
            )}
          </Stack>
        </Group>
        <ProblemNotice error={use.error} />
        <Group gap="sm">
          {canManage && (
            <Button
              component="a"
              href={startURL(c.platform, { reconnect: c.id })}
              variant={urgent ? 'filled' : 'default'}
              leftSection={<IconRefresh size={16} aria-hidden />}
            >
              {urgent ? 'Reconnect' : 'Renew the access'}
            </Button>
          )}
          {canManage && (works || c.status === 'paused') && (
            <Button
              variant={c.status === 'paused' ? 'filled' : 'default'}
              loading={use.isPending}
              leftSection={
                works ? <IconPlayerPause size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />
              }
              onClick={() => {
                use.mutate()
              }}
            >
              {works ? 'Pause' : 'Use again'}
            </Button>
          )}
          {canManage && works && waiting > 0 && (
            <Button
              variant="default"
              onClick={() => {
                setAsking(waiting)
              }}
            >
              Decide about what waits
            </Button>
          )}
          {c.profile_url && (
            <Button
              component="a"
              href={c.profile_url}
              target="_blank"
              rel="noreferrer"
              variant="default"
              leftSection={<IconExternalLink size={16} aria-hidden />}
            >
              Open on {platform?.title ?? 'the platform'}
            </Button>
          )}
          {canManage && c.status !== 'disconnected' && (
            <Button
              variant="subtle"
              color="red"
              leftSection={<IconPlugOff size={16} aria-hidden />}
              onClick={onDisconnect}
            >
              Disconnect
            </Button>
          )}
        </Group>
      </Stack>
      {asking > 0 && (
        <ResumeDialog
          name={c.name}
          event="is in use again"
          waiting={asking}
          busy={resume.isPending}
          error={resume.error}
          onChoose={(mode) => {
            resume.mutate(mode)
          }}
          onLater={() => {
            setAsking(0)
          }}
        />
      )}
    </Panel>
  )
}
