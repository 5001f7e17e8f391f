import { Button, SegmentedControl, Select, Skeleton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { AccountAvatar } from '@/components/AccountAvatar'
import { CommentCard } from '@/components/CommentCard'
import classes from '@/components/CommentCard.module.css'
import { EmptyState } from '@/components/EmptyState'
import { IconCircleCheck, IconMessages } from '@/components/icons'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { ProblemNotice } from '@/components/ProblemNotice'
import { accountKindOf } from '@/compose/kinds'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { commentFilters, inboxQuery, type Comment, type CommentFilter } from '@/services/comments'
import { connectionsQuery } from '@/services/connections'
import { platformsQuery } from '@/services/platforms'
import { may } from '@/services/roles'
import { commentsRoute } from './comments'

const names: Record<CommentFilter, string> = {
  unanswered: 'Unanswered',
  unread: 'Unread',
  all: 'All',
  hidden: 'Hidden',
}

const empty: Record<CommentFilter, [string, string]> = {
  unanswered: ['Nobody waits for an answer', 'New comments on your posts appear here by themselves.'],
  unread: ['Everything is read', 'New comments on your posts appear here by themselves.'],
  all: ['No comments yet', 'What people write below your posts appears here by itself.'],
  hidden: ['Nothing is hidden', 'Comments that you hide from others are kept here.'],
}

/** What people write below the posts of every account, newest first. */
export function CommentsPage() {
  const { state = 'unanswered', account = '' } = commentsRoute.useSearch()
  const navigate = useNavigate()
  const session = useSession()
  const now = useNow(10_000)
  const list = useInfiniteQuery(inboxQuery(state, account))
  const { data: connections = [] } = useQuery(connectionsQuery)
  const { data: platforms = [] } = useQuery(platformsQuery)
  const canHide = (comment: Comment) => {
    const platform = connections.find((c) => c.id === comment.connection_id)?.platform
    return platforms.find((p) => p.platform === platform)?.capabilities.hide ?? false
  }
  const talking = connections.filter((c) => accountKindOf(platforms, c)?.can_comment ?? true)
  const comments = list.data?.pages.flatMap((p) => p.items) ?? []
  const search = (s: CommentFilter, a: string) => ({
    ...(s === 'unanswered' ? {} : { state: s }),
    ...(a ? { account: a } : {}),
  })
  return (
    <>
      <PageHeader title="Comments" lead="What people write below your posts." />
      <div className={classes.filters}>
        <SegmentedControl
          aria-label="Which comments"
          value={state}
          data={commentFilters.map((f) => ({ value: f, label: names[f] }))}
          onChange={(v) => void navigate({ to: '/comments', search: search(v, account) })}
        />
        {talking.length > 1 && (
          <Select
            aria-label="Account"
            placeholder="Every account"
            clearable
            value={account || null}
            data={talking.map((c) => ({
              value: c.id,
              label: `${c.name} (${accountKindOf(platforms, c)?.title ?? c.kind})`,
            }))}
            onChange={(v) => void navigate({ to: '/comments', search: search(state, v ?? '') })}
          />
        )}
      </div>
      <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && !list.error && (
        <div role="status" aria-label="Loading comments">
          <Skeleton height={110} radius="lg" mb="sm" />
          <Skeleton height={110} radius="lg" />
        </div>
      )}
      {list.data && comments.length === 0 && !list.hasNextPage && (
        <Panel label="Comments">
          <EmptyState
            icon={
              state === 'unanswered' || state === 'unread' ? (
                <IconCircleCheck size={28} />
              ) : (
                <IconMessages size={28} />
              )
            }
            title={empty[state][0]}
          >
            {empty[state][1]}
          </EmptyState>
        </Panel>
      )}
      {comments.length > 0 && (
        <Panel flush label="Comments">
          <ul className={classes.list}>
            {comments.map((c) => (
              <li key={c.connection_id + c.id} className={classes.row}>
                <Sender comment={c} />
                <CommentCard
                  comment={c}
                  zone={session.workspace.time_zone}
                  now={now}
                  may={{
                    compose: may(session, 'compose'),
                    decide: may(session, 'decide'),
                    hide: canHide(c),
                  }}
                  context={<Where comment={c} />}
                />
              </li>
            ))}
          </ul>
        </Panel>
      )}
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

function Sender({ comment }: { comment: Comment }) {
  const { data: connections = [] } = useQuery(connectionsQuery)
  const { data: platforms = [] } = useQuery(platformsQuery)
  const c = connections.find((one) => one.id === comment.connection_id)
  if (!c) return <AccountAvatar name="?" src="" />
  const kind = accountKindOf(platforms, c)
  return (
    <AccountAvatar
      name={c.name}
      src={c.avatar_url}
      icon={kind?.icon}
      color={kind?.color ?? platforms.find((p) => p.platform === c.platform)?.color}
    />
  )
}

/** Which account's post it stands below. */
function Where({ comment }: { comment: Comment }) {
  const { data: connections = [] } = useQuery(connectionsQuery)
  const name =
    connections.find((c) => c.id === comment.connection_id)?.name ?? 'an account that is not linked any more'
  return (
    <span className={classes.where}>
      {comment.parent_id ? 'answers a comment' : 'below a post'} of {name}
    </span>
  )
}
