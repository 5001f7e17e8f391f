import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { createRoute, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ConnectButton } from '@/components/ConnectButton'
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
import { connectionsQuery, type Connection } from '@/services/connections'
import { platformsQuery } from '@/services/platforms'
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
