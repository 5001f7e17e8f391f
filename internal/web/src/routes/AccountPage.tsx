import { Anchor, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { AccountHealthPanel } from '@/components/AccountHealthPanel'
import { AccountLifePanel } from '@/components/AccountLifePanel'
import { AccountMetricsPanel } from '@/components/AccountMetricsPanel'
import { AccountStatusPanel } from '@/components/AccountStatusPanel'
import { AccountTrailPanel } from '@/components/AccountTrailPanel'
import { DisconnectDialog } from '@/components/DisconnectDialog'
import { IconArrowLeft } from '@/components/icons'
import { PageHeader } from '@/components/PageHeader'
import { ProblemNotice } from '@/components/ProblemNotice'
import { accountKindOf } from '@/compose/kinds'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { connectionQuery } from '@/services/connections'
import { platformsQuery } from '@/services/platforms'
import { may } from '@/services/roles'
import { accountRoute } from './account'

/** One linked account: how it is, how long its access lives, how it answered, and what happened to it. */
export function AccountPage() {
  const { connectionId } = accountRoute.useParams()
  const navigate = useNavigate()
  const session = useSession()
  const now = useNow(10_000)
  const account = useQuery(connectionQuery(connectionId))
  const platforms = useQuery(platformsQuery)
  const [leaving, setLeaving] = useState(false)
  const c = account.data
  const platform = platforms.data?.find((p) => p.platform === c?.platform)
  const kind = c && platform ? accountKindOf([platform], c) : undefined
  const zone = session.workspace.time_zone

  return (
    <>
      <PageHeader
        title={c?.name ?? 'Account'}
        lead={c && [kind?.title ?? c.kind, c.username && `@${c.username}`].filter(Boolean).join(' · ')}
        back={
          <Anchor component={Link} to="/accounts" size="sm">
            <IconArrowLeft size={14} aria-hidden /> Accounts
          </Anchor>
        }
      />
      <ProblemNotice error={account.error} onRetry={() => void account.refetch()} />
      {!c && account.isPending && <Skeleton height={220} radius="lg" />}
      {c && (
        <Stack gap="lg" maw={860}>
          <AccountStatusPanel
            connection={c}
            platform={platform}
            now={now}
            zone={zone}
            canManage={may(session, 'connect')}
            onDisconnect={() => {
              setLeaving(true)
            }}
          />
          {platform?.capabilities.metrics && kind?.can_report && (
            <AccountMetricsPanel connection={c} now={now} zone={zone} canManage={may(session, 'connect')} />
          )}
          <AccountLifePanel connection={c} platform={platform} now={now} zone={zone} />
          <AccountHealthPanel connectionId={c.id} now={now} zone={zone} />
          <AccountTrailPanel connectionId={c.id} now={now} zone={zone} />
        </Stack>
      )}
      {c && leaving && (
        <DisconnectDialog
          connection={c}
          onDone={() => void navigate({ to: '/accounts' })}
          onClose={() => {
            setLeaving(false)
          }}
        />
      )}
    </>
  )
}
