import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { createRoute } from '@tanstack/react-router'
import { EmptyState } from '@/components/EmptyState'
import { IconCircleCheck, IconInbox, IconPencilPlus } from '@/components/icons'
import { LinkButton } from '@/components/LinkButton'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { PostFilters } from '@/components/PostFilters'
import { PostRow } from '@/components/PostRow'
import rows from '@/components/PostRow.module.css'
import { ProblemNotice } from '@/components/ProblemNotice'
import { useJobChanges } from '@/hooks/useJobChanges'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { connectionsQuery } from '@/services/connections'
import { platformsQuery } from '@/services/platforms'
import { needsYouQuery, postFilters, postsQuery, type Post, type PostFilter } from '@/services/posts'
import { may } from '@/services/roles'
import { appRoute } from './app'

export const postsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/posts',
  validateSearch: (search: Record<string, unknown>): { state?: PostFilter } => {
    const state = postFilters.find((f) => f === search.state)
    return state ? { state } : {}
  },
  component: Posts,
})

const none: Post[] = []

function Posts() {
  const { state = 'all' } = postsRoute.useSearch()
  const session = useSession()
  const now = useNow(5000)
  const list = useInfiniteQuery(postsQuery(state))
  const { data: needsYou = 0 } = useQuery(needsYouQuery)
  const { data: platforms = [] } = useQuery(platformsQuery)
  const posts = list.data?.pages.flatMap((p) => p.items) ?? none
  useJobChanges(posts)
  const writes = may(session, 'compose')

  return (
    <>
      <PageHeader
        title="Posts"
        lead={`Times are ${session.workspace.time_zone.replaceAll('_', ' ')}.`}
        actions={
          writes && (
            <LinkButton to="/compose" leftSection={<IconPencilPlus size={18} aria-hidden />}>
              Compose
            </LinkButton>
          )
        }
      />
      <PostFilters current={state} needsYou={needsYou} />
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && !list.error && <Loading />}
      {list.data &&
        (posts.length === 0 ? (
          <Panel label="Posts">
            <Nothing state={state} writes={writes} />
          </Panel>
        ) : (
          <Panel flush label="Posts">
            <ul className={rows.list}>
              {posts.map((post) => (
                <PostRow
                  key={post.id}
                  post={post}
                  platforms={platforms}
                  zone={session.workspace.time_zone}
                  now={now}
                />
              ))}
            </ul>
          </Panel>
        ))}
      {list.hasNextPage && (
        <div style={{ display: 'grid', justifyContent: 'center', marginTop: 20 }}>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Load more
          </Button>
        </div>
      )}
    </>
  )
}

function Loading() {
  return (
    <div aria-label="Loading posts" role="status">
      {[1, 2, 3].map((n) => (
        <Skeleton key={n} height={92} radius="lg" mb="sm" />
      ))}
    </div>
  )
}

const empty: Record<Exclude<PostFilter, 'all'>, [string, string]> = {
  needs_you: [
    'Nothing needs you',
    'When a post is blocked, or only a person can decide, it appears here first.',
  ],
  scheduled: ['Nothing is scheduled', 'Posts with a time in the future wait here.'],
  active: ['Nothing is on its way', 'Posts that are being published at this moment appear here.'],
  published: ['Nothing is published yet', 'What has arrived on a platform is here, with its link.'],
  failed: ['Nothing has failed', 'If a platform refuses a post, it is here with the reason and what helps.'],
}

function Nothing({ state, writes }: { state: PostFilter; writes: boolean }) {
  const { data: connections } = useQuery(connectionsQuery)
  if (state !== 'all') {
    const calm = state === 'needs_you' || state === 'failed'
    return (
      <EmptyState
        icon={calm ? <IconCircleCheck size={28} /> : <IconInbox size={28} />}
        title={empty[state][0]}
      >
        {empty[state][1]}
      </EmptyState>
    )
  }
  const unlinked = connections?.length === 0
  return (
    <EmptyState
      icon={<IconPencilPlus size={28} />}
      title={unlinked ? 'Link an account to begin' : 'Write your first post'}
      action={
        unlinked ? (
          <LinkButton to="/accounts">Go to accounts</LinkButton>
        ) : (
          writes && <LinkButton to="/compose">Compose</LinkButton>
        )
      }
    >
      {unlinked
        ? 'Posts go to the accounts you link. It takes a minute.'
        : 'One text, every account, now or at an exact second. You see here how each of them goes.'}
    </EmptyState>
  )
}
