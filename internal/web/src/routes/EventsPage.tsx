import { Anchor, Button, Group, Skeleton, Text } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/components/EmptyState'
import { EventDialog } from '@/components/EventDialog'
import { EventRow } from '@/components/EventRow'
import rows from '@/components/EventRow.module.css'
import { IconArrowLeft, IconRefresh, IconWebhook } from '@/components/icons'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import filters from '@/components/PostFilters.module.css'
import { ProblemNotice } from '@/components/ProblemNotice'
import { ReplayDialog } from '@/components/ReplayDialog'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { connectionsQuery } from '@/services/connections'
import { eventsQuery } from '@/services/events'
import { platformsQuery } from '@/services/platforms'
import { may } from '@/services/roles'
import { eventsRoute } from './events'

/** What the platforms told Herald, what became of it, and another try for what failed. */
export function EventsPage() {
  const { state } = eventsRoute.useSearch()
  const session = useSession()
  const now = useNow(5000)
  const allowed = may(session, 'manage')
  const list = useInfiniteQuery({ ...eventsQuery(state === 'failed'), enabled: allowed })
  const { data: connections = [] } = useQuery(connectionsQuery)
  const { data: platforms = [] } = useQuery(platformsQuery)
  const [shown, setShown] = useState('')
  const [replaying, setReplaying] = useState(false)
  const events = list.data?.pages.flatMap((p) => p.items) ?? []
  const zone = session.workspace.time_zone
  const nameOf = (id: string) =>
    connections.find((c) => c.id === id)?.name ?? 'An account that is not linked any more'

  return (
    <>
      <PageHeader
        title="Webhook events"
        lead="What the platforms told Herald in the last 30 days."
        back={
          <Anchor component={Link} to="/settings" size="sm">
            <IconArrowLeft size={14} aria-hidden /> Settings
          </Anchor>
        }
        actions={
          allowed && (
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={() => {
                setReplaying(true)
              }}
            >
              Replay failed
            </Button>
          )
        }
      />
      {!allowed && (
        <Panel>
          <Text size="sm">Only an owner or admin of the workspace can see these.</Text>
        </Panel>
      )}
      {allowed && (
        <nav aria-label="Filter events" className={filters.nav}>
          {([undefined, 'failed'] as const).map((f) => (
            <Link
              key={f ?? 'all'}
              to="/events"
              search={f ? { state: f } : {}}
              className={filters.link}
              aria-current={f === state ? 'true' : undefined}
              data-current={f === state || undefined}
              activeProps={{}}
            >
              {f ? 'Failed' : 'All'}
            </Link>
          ))}
        </nav>
      )}
      <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />
      {allowed && list.isPending && !list.error && <Skeleton height={200} radius="lg" />}
      {list.data && (
        <Panel flush label="Events">
          {events.length === 0 ? (
            <EmptyState
              icon={<IconWebhook size={28} />}
              title={state ? 'Nothing has failed' : 'No platform has told anything yet'}
            >
              {state
                ? 'An event that could not be applied five times waits here for you.'
                : 'New comments, permissions taken back and the like appear here as the platforms tell of them.'}
            </EmptyState>
          ) : (
            <ul className={rows.list}>
              {events.map((e) => (
                <EventRow
                  key={e.id}
                  event={e}
                  account={nameOf(e.connection_id)}
                  platform={platforms.find((p) => p.platform === e.platform)}
                  now={now}
                  zone={zone}
                  onOpen={() => {
                    setShown(e.id)
                  }}
                />
              ))}
            </ul>
          )}
        </Panel>
      )}
      {list.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Load more
          </Button>
        </Group>
      )}
      {shown && (
        <EventDialog
          id={shown}
          nameOf={nameOf}
          now={now}
          zone={zone}
          onClose={() => {
            setShown('')
          }}
        />
      )}
      {replaying && (
        <ReplayDialog
          onClose={() => {
            setReplaying(false)
          }}
        />
      )}
    </>
  )
}
