import { Button, Skeleton, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { refreshComments, threadQuery, type Comment } from '@/services/comments'
import type { Job } from '@/services/jobs'
import { jobMetricsQuery } from '@/services/metrics'
import { startURL, type PlatformInfo } from '@/services/platforms'
import { CommentCard } from './CommentCard'
import { IconRefresh } from './icons'
import { MetricTiles } from './MetricTiles'
import { Panel } from './Panel'
import { ProblemNotice } from './ProblemNotice'
import classes from './PublishedPanel.module.css'

interface Props {
  job: Job
  platform: PlatformInfo | undefined
  zone: string
  now: Date
  may: { compose: boolean; decide: boolean; connect: boolean }
}

/** What became of a published target: its numbers and what people write below it. */
export function PublishedPanel({ job, platform, zone, now, may }: Props) {
  const can = platform?.capabilities
  const account = platform?.accounts.find((a) => a.kind === job.connection.kind)
  const numbers = can?.metrics && account?.can_report
  const comments = can?.comments && account?.can_comment && !job.deleted_at
  if (!numbers && !comments) return null
  return (
    <Panel label={`How it goes on ${job.connection.name}`}>
      <div className={classes.parts}>
        {numbers && <Numbers job={job} zone={zone} now={now} connect={may.connect} />}
        {comments && <Thread job={job} zone={zone} now={now} may={{ ...may, hide: can.hide }} />}
      </div>
    </Panel>
  )
}

function reconnectURL(job: Job): string {
  return startURL(job.connection.platform, {
    reconnect: job.connection.id,
    returnTo: `/posts/${job.post_id}`,
  })
}

function Numbers({ job, zone, now, connect }: { job: Job; zone: string; now: Date; connect: boolean }) {
  const report = useQuery(jobMetricsQuery(job.id))
  return (
    <section aria-label="Numbers">
      <h3 className={classes.title}>Numbers</h3>
      <MetricTiles
        report={report.data}
        error={report.error}
        zone={zone}
        now={now}
        onRetry={() => void report.refetch()}
        reconnect={connect && <Reconnect job={job} />}
      />
    </section>
  )
}

function Reconnect({ job }: { job: Job }) {
  return (
    <Button component="a" href={reconnectURL(job)} size="compact-sm">
      Reconnect
    </Button>
  )
}

interface Threaded extends Omit<Props, 'platform' | 'may'> {
  may: Props['may'] & { hide: boolean }
}

function Thread({ job, zone, now, may }: Threaded) {
  const queryClient = useQueryClient()
  const thread = useQuery(threadQuery(job.connection.id, job.receipt?.external_id ?? ''))
  const refresh = useMutation({
    mutationFn: () => refreshComments(job.id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['comments', 'thread', job.connection.id] }),
  })
  const asked = useRef(false)
  const { mutate } = refresh
  useEffect(() => {
    if (asked.current) return
    asked.current = true // once when the page opens: what came before Herald was told of comments is read now
    mutate()
  }, [mutate])
  const all = thread.data ?? []
  const known = new Set(all.map((c) => c.id))
  const answers = (id: string) => all.filter((c) => c.parent_id === id)
  const roots = all.filter((c) => !c.parent_id || !known.has(c.parent_id))
  const card = (c: Comment) => (
    <CommentCard
      comment={c}
      zone={zone}
      now={now}
      may={may}
      answers={
        answers(c.id).length > 0 &&
        answers(c.id).map((a) => <CommentCard key={a.id} comment={a} zone={zone} now={now} may={may} />)
      }
    />
  )
  return (
    <section aria-label="Comments">
      <div className={classes.head}>
        <h3 className={classes.title}>
          Comments{all.length > 0 && <span className={classes.count}> {all.length}</span>}
        </h3>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconRefresh size={15} aria-hidden />}
          loading={refresh.isPending}
          onClick={() => {
            refresh.mutate()
          }}
        >
          Refresh
        </Button>
      </div>
      <ProblemNotice error={thread.error ?? refresh.error} />
      {thread.isPending && <Skeleton height={60} />}
      {thread.data && roots.length === 0 && !refresh.isPending && (
        <Text size="sm" c="dimmed">
          Nobody has written anything yet.
        </Text>
      )}
      <ul className={classes.list}>
        {roots.map((c) => (
          <li key={c.id}>{card(c)}</li>
        ))}
      </ul>
    </section>
  )
}
