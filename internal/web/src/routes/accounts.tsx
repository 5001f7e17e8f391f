<<<<<<< HEAD
import { Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createRoute, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ConfirmDialog'
import { ConnectButton } from '@/components/ConnectButton'
=======
import { Button, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { createRoute, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
>>>>>>> 364f7384ad9933e410aac7e04700583ca979d0f7
import { ConnectionRow } from '@/components/ConnectionRow'
import rows from '@/components/ConnectionRow.module.css'
import { ConnectProblemBanner } from '@/components/ConnectProblemBanner'
import { DisconnectDialog } from '@/components/DisconnectDialog'
import { EmptyState } from '@/components/EmptyState'
import { IconPlug } from '@/components/icons'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { PlatformTitle } from '@/components/PlatformTitle'
import { ProblemNotice } from '@/components/ProblemNotice'
import { accountKindOf } from '@/compose/kinds'
import { may } from '@/services/roles'
import { useSession } from '@/hooks/useSession'
<<<<<<< HEAD
import { connectionsQuery, disconnect, type Connection } from '@/services/connections'
import { platformsQuery } from '@/services/platforms'
=======
import { connectionsQuery, type Connection } from '@/services/connections'
import { platformsQuery, startURL, type PlatformInfo } from '@/services/platforms'
>>>>>>> 364f7384ad9933e410aac7e04700583ca979d0f7
import { appRoute } from './app'

interface Search {
  problem?: string
  platform?: string
  login?: string
}

export const accountsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/accounts',
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...(typeof search.problem === 'string' ? { problem: search.problem } : {}),
    ...(typeof search.platform === 'string' ? { platform: search.platform } : {}),
    ...(typeof search.login === 'string' ? { login: search.login } : {}),
  }),
  component: Accounts,
})

function Accounts() {
  const search = accountsRoute.useSearch()
  const navigate = useNavigate()
  const session = useSession()
  const platforms = useQuery(platformsQuery)
  const connections = useQuery(connectionsQuery)
  const [leaving, setLeaving] = useState<Connection | null>(null)
  const canManage = may(session, 'connect')

  const offered = platforms.data?.filter((p) => p.available) ?? []
  const linked = connections.data ?? []
  const shown =
    platforms.data?.filter((p) => p.available || linked.some((c) => c.platform === p.platform)) ?? []
  const error = connections.error ?? platforms.error

  return (
    <>
      <PageHeader
        title="Accounts"
        lead="Where this workspace publishes to."
        actions={
          canManage &&
          linked.length > 0 &&
          offered.map((p) => <ConnectButton key={p.platform} platform={p} />)
        }
      />
      {search.problem && (
        <ConnectProblemBanner
          code={search.problem}
          platform={platforms.data?.find((p) => p.platform === search.platform)}
          login={search.login}
          onDismiss={() => void navigate({ to: '/accounts', search: {}, replace: true })}
        />
      )}
      {error && (
        <ProblemNotice
          error={error}
          onRetry={() => {
            void connections.refetch()
            void platforms.refetch()
          }}
        />
      )}
      {!error && (connections.isPending || platforms.isPending) && <Skeleton height={180} radius="lg" />}
      {connections.data && platforms.data && linked.length === 0 && (
        <Panel>
          <EmptyState
            icon={<IconPlug size={28} />}
            title="Link your first account"
            action={canManage && offered.map((p) => <ConnectButton key={p.platform} platform={p} />)}
          >
            You sign in at the platform itself and choose which accounts Herald may publish to. Herald never
            sees your password there.
            {offered.length === 0 &&
              ' At the moment no platform is switched on; an owner can do that in the settings.'}
            {!canManage && ' An owner or admin of the workspace can do that.'}
          </EmptyState>
        </Panel>
      )}
      <div style={{ display: 'grid', gap: 20 }}>
        {linked.length > 0 &&
          shown.map((p) => {
            const own = linked.filter((c) => c.platform === p.platform)
            if (own.length === 0) return null
            return (
              <Panel
                key={p.platform}
                flush
                title={<PlatformTitle platform={p} />}
                aside={
                  !p.available && (
                    <Text size="sm" c="dimmed">
                      Switched off
                    </Text>
                  )
                }
              >
                <ul className={rows.list}>
                  {own.map((c) => (
                    <ConnectionRow
                      key={c.id}
                      connection={c}
                      platform={p}
                      kind={accountKindOf([p], c)}
                      zone={session.workspace.time_zone}
                      canManage={canManage}
                      onDisconnect={() => {
                        setLeaving(c)
                      }}
                    />
                  ))}
                </ul>
              </Panel>
            )
          })}
      </div>
      {leaving && (
        <DisconnectDialog
          connection={leaving}
          onClose={() => {
            setLeaving(null)
          }}
        />
      )}
    </>
  )
}

<<<<<<< HEAD
function Disconnect({ connection: c, onClose }: { connection: Connection; onClose: () => void }) {
  const queryClient = useQueryClient()
  const leave = useMutation({
    mutationFn: () => disconnect(c.id),
    onSuccess: async () => {
      onClose()
      notifications.show({ message: `${c.name} is disconnected.` })
      await queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      opened
      danger
      title={`Disconnect ${c.name}?`}
      confirm="Disconnect"
      busy={leave.isPending}
      error={leave.error}
      onConfirm={() => {
        leave.mutate()
      }}
      onClose={onClose}
    >
      <Text size="sm">
        Herald stops publishing to this account and forgets its access at once. What is published already
        stays where it is.
      </Text>
      <Text size="sm">
        {c.waiting_jobs
          ? `${c.waiting_jobs === 1 ? 'One post waits' : `${String(c.waiting_jobs)} posts wait`} for this account. `
          : ''}
        Posts that are scheduled for it or wait for it will not go out: each one fails at its time and says
        why. Your other accounts are not affected.
      </Text>
    </ConfirmDialog>
=======
function ConnectButton({ platform }: { platform: PlatformInfo }) {
  return (
    <Button
      component="a"
      href={startURL(platform.platform)}
      leftSection={<PlatformIcon name={platform.icon} />}
      rightSection={<IconPlus size={15} aria-hidden />}
    >
      Connect {platform.title}
    </Button>
>>>>>>> 364f7384ad9933e410aac7e04700583ca979d0f7
  )
}
