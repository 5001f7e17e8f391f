import { Anchor, Button, Image, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { accountKindOf } from '@/compose/kinds'
import { nameOfType } from '@/services/media'
import { videoLength } from '@/time/format'
import { MediaPreview } from '@/components/MediaPreview'
import { ConfirmDialog } from '@/components/ConfirmDialog'
import { EditTextDialog } from '@/components/EditTextDialog'
import { HeldDialog } from '@/components/HeldDialog'
import { IconArrowLeft, IconCalendarTime } from '@/components/icons'
import { JobCard, type JobCommand } from '@/components/JobCard'
import { Moment } from '@/components/Moment'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { PublishedPanel } from '@/components/PublishedPanel'
import { ProblemNotice } from '@/components/ProblemNotice'
import { RescheduleDialog } from '@/components/RescheduleDialog'
import { PostPill } from '@/components/states'
import { useJobChanges } from '@/hooks/useJobChanges'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import {
  cancelJob,
  candidatesQuery,
  deletePublished,
  editPublished,
  jobQuery,
  resolveJob,
  retryJob,
  type Decision,
  type Job,
} from '@/services/jobs'
import { platformsQuery, type PlatformInfo } from '@/services/platforms'
import { cancelPost, postQuery, reschedulePost, type Post } from '@/services/posts'
import { Problem } from '@/services/problem'
import { may } from '@/services/roles'
import { postRoute } from './post'
import classes from './post.module.css'
import { NotFound } from './root'

const none: Post[] = []

export function PostPage() {
  const { postId } = postRoute.useParams()
  const post = useQuery(postQuery(postId))
  const platforms = useQuery(platformsQuery)
  useJobChanges(post.data ? [post.data] : none)

  if (post.error instanceof Problem && post.error.status === 404) return <NotFound />
  return (
    <>
      {post.error && <ProblemNotice error={post.error} onRetry={() => void post.refetch()} />}
      {post.data ? (
        <Detail post={post.data} platforms={platforms.data ?? []} />
      ) : (
        !post.error && <Skeleton height={320} radius="lg" />
      )}
    </>
  )
}

type Dialog =
  { kind: 'cancel' } | { kind: 'move' } | { kind: 'cancelJob' | 'decide' | 'edit' | 'delete'; job: Job }

function Detail({ post, platforms }: { post: Post; platforms: PlatformInfo[] }) {
  const session = useSession()
  const now = useNow(1000)
  const zone = session.workspace.time_zone
  const queryClient = useQueryClient()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => {
    setDialog(null)
  }
  const renew = () => queryClient.invalidateQueries({ queryKey: ['posts'] })

  const cancel = useMutation({ mutationFn: () => cancelPost(post.id), onSuccess: close, onSettled: renew })
  const move = useMutation({
    mutationFn: (at: Date) => reschedulePost(post.id, at),
    onSuccess: close,
    onSettled: renew,
  })
  const [commanded, setCommanded] = useState<{ id: string; command: JobCommand } | null>(null)
  const command = useMutation({
    mutationFn: async ({ id, command }: { id: string; command: 'retry' | 'cancel' | 'delete' }) => {
      setCommanded({ id, command })
      if (command === 'retry') await retryJob(id)
      else if (command === 'cancel') await cancelJob(id)
      else await deletePublished(id)
    },
    onSuccess: (_, { command }) => {
      close()
      if (command === 'delete') notifications.show({ message: 'The post was deleted from the platform.' })
    },
    onSettled: async () => {
      await renew()
      setCommanded(null)
    },
  })

  const edit = useMutation({
    mutationFn: ({ id, text }: { id: string; text: string }) => editPublished(id, text),
    onSuccess: () => {
      close()
      notifications.show({ message: 'The text was changed on the platform.' })
    },
    onSettled: renew,
  })

  const writes = may(session, 'compose')
  const open = post.jobs.some((j) => ['scheduled', 'queued', 'waiting', 'blocked', 'held'].includes(j.state))
  const movable = post.jobs.some((j) => ['scheduled', 'blocked'].includes(j.state))

  return (
    <>
      <PageHeader
        back={
          <Anchor component={Link} to="/posts" size="sm" className={classes.back}>
            <IconArrowLeft size={15} aria-hidden /> Posts
          </Anchor>
        }
        title={heading(post)}
        lead={
          <span className={classes.facts}>
            <PostPill state={post.state} />
            <Moment at={post.publish_at} zone={zone} now={now} show="exact" />
            <span>by {post.created_by.name}</span>
          </span>
        }
        actions={
          writes && (
            <>
              {movable && (
                <Button
                  variant="default"
                  leftSection={<IconCalendarTime size={17} aria-hidden />}
                  onClick={() => {
                    move.reset()
                    setDialog({ kind: 'move' })
                  }}
                >
                  Reschedule
                </Button>
              )}
              {open && (
                <Button
                  variant="default"
                  onClick={() => {
                    cancel.reset()
                    setDialog({ kind: 'cancel' })
                  }}
                >
                  Cancel the post
                </Button>
              )}
            </>
          )
        }
      />
      <div className={classes.columns}>
        <div className={classes.jobs}>
          {command.error && !dialog && <ProblemNotice error={command.error} />}
          {post.jobs.map((job) => (
            <JobWithHistory
              key={job.id}
              job={job}
              post={post}
              platforms={platforms}
              zone={zone}
              now={now}
              startOpen={post.jobs.length === 1}
              busy={commanded?.id === job.id ? commanded.command : null}
              onCommand={(name) => {
                command.reset()
                edit.reset()
                if (name === 'retry') command.mutate({ id: job.id, command: name })
                else setDialog({ kind: name === 'cancel' ? 'cancelJob' : name, job })
              }}
            />
          ))}
        </div>
        <Panel title="The post">
          <Content post={post} />
        </Panel>
      </div>

      <ConfirmDialog
        opened={dialog?.kind === 'cancel'}
        danger
        title="Cancel this post?"
        confirm="Cancel the post"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => {
          cancel.mutate()
        }}
        onClose={close}
      >
        <Text size="sm">Every account that has not got it yet will not get it. What is published stays.</Text>
      </ConfirmDialog>
      {dialog?.kind === 'move' && (
        <RescheduleDialog
          at={post.publish_at}
          zone={zone}
          now={now}
          busy={move.isPending}
          error={move.error}
          onMove={move.mutate}
          onClose={close}
        />
      )}
      {(dialog?.kind === 'cancelJob' || dialog?.kind === 'delete') && (
        <ConfirmDialog
          opened
          danger
          title={
            dialog.kind === 'delete'
              ? 'Delete from the platform?'
              : `Cancel for ${dialog.job.connection.name}?`
          }
          confirm={dialog.kind === 'delete' ? 'Delete it' : 'Cancel it'}
          busy={command.isPending}
          error={command.error}
          onConfirm={() => {
            command.mutate({ id: dialog.job.id, command: dialog.kind === 'delete' ? 'delete' : 'cancel' })
          }}
          onClose={close}
        >
          <Text size="sm">
            {dialog.kind === 'delete'
              ? `The post disappears from ${dialog.job.connection.name}, with its likes and comments. That cannot be taken back.`
              : dialog.job.state === 'held'
                ? 'Herald stops here. If the post has reached the platform after all, it stays there.'
                : 'This account will not get the post; the others are not affected.'}
          </Text>
        </ConfirmDialog>
      )}
      {dialog?.kind === 'edit' && (
        <EditTextDialog
          job={dialog.job}
          kind={accountKindOf(platforms, dialog.job.connection)?.posts.find(
            (p) => p.kind === dialog.job.kind,
          )}
          busy={edit.isPending}
          error={edit.error}
          onSave={(text) => {
            edit.mutate({ id: dialog.job.id, text })
          }}
          onClose={close}
        />
      )}
      {dialog?.kind === 'decide' && (
        <Decide
          job={post.jobs.find((j) => j.id === dialog.job.id) ?? dialog.job}
          platforms={platforms}
          zone={zone}
          now={now}
          onClose={close}
          onDone={renew}
        />
      )}
    </>
  )
}

interface WithHistory {
  job: Job
  post: Post
  platforms: PlatformInfo[]
  zone: string
  now: Date
  startOpen: boolean
  busy: JobCommand | null
  onCommand: (command: JobCommand) => void
}

function JobWithHistory({ job, post, platforms, zone, now, startOpen, busy, onCommand }: WithHistory) {
  const session = useSession()
  const [open, setOpen] = useState(startOpen)
  const history = useQuery({ ...jobQuery(job.id, `${job.state} ${job.updated_at}`), enabled: open })
  const allowed = {
    decide: may(session, 'decide'),
    compose: may(session, 'compose'),
    connect: may(session, 'connect'),
  }
  const card = (
    <JobCard
      job={job}
      postText={post.text}
      history={history.data}
      platforms={platforms}
      zone={zone}
      now={now}
      busy={busy}
      may={allowed}
      alone={post.jobs.length === 1}
      open={open}
      onOpen={setOpen}
      onCommand={onCommand}
    />
  )
  return (
    <>
      {card}
      {job.state === 'published' && job.receipt && (
        <PublishedPanel
          job={job}
          platform={platforms.find((p) => p.platform === job.connection.platform)}
          zone={zone}
          now={now}
          may={allowed}
        />
      )}
    </>
  )
}

interface Deciding {
  job: Job
  platforms: PlatformInfo[]
  zone: string
  now: Date
  onClose: () => void
  onDone: () => Promise<void>
}

function Decide({ job, platforms, zone, now, onClose, onDone }: Deciding) {
  const candidates = useQuery(candidatesQuery(job.id))
  const decide = useMutation({
    mutationFn: (decision: Decision) => resolveJob(job.id, decision),
    onSuccess: onClose,
    onSettled: onDone,
  })
  return (
    <HeldDialog
      job={job}
      platformTitle={platforms.find((p) => p.platform === job.connection.platform)?.title ?? 'the platform'}
      candidates={candidates.data}
      candidatesError={candidates.error}
      zone={zone}
      now={now}
      busy={decide.isPending}
      error={decide.error}
      onLookAgain={() => void candidates.refetch()}
      onDecide={decide.mutate}
      onClose={onClose}
    />
  )
}

function Content({ post }: { post: Post }) {
  return (
    <div className={classes.content}>
      {post.text ? (
        <p className={classes.text}>{post.text}</p>
      ) : (
        <Text c="dimmed" size="sm">
          No text for all accounts
        </Text>
      )}
      {post.link && (
        <Anchor href={post.link} target="_blank" rel="noreferrer" size="sm" className={classes.link}>
          {post.link}
        </Anchor>
      )}
      {post.media.map((m) => (
        <figure key={m.id} className={classes.picture}>
          {m.type.startsWith('video/') ? (
            <>
              <MediaPreview type={m.type} src={m.url} alt="" controls />
              <figcaption>Video, {videoLength(m.duration_ms ?? 0)}</figcaption>
            </>
          ) : !m.type.startsWith('image/') ? (
            <>
              <a href={m.url} target="_blank" rel="noreferrer" className={classes.document}>
                <MediaPreview type={m.type} src={m.url} alt="" />
              </a>
              <figcaption>Document, {nameOfType(m.type)}</figcaption>
            </>
          ) : (
            <>
              <Image
                src={m.url}
                alt={m.alt}
                radius="md"
                width={m.width || undefined}
                height={m.height || undefined}
              />
              <figcaption>{m.alt ? `Alternative text: ${m.alt}` : 'No alternative text'}</figcaption>
            </>
          )}
        </figure>
      ))}
    </div>
  )
}

function heading(post: Post): string {
  const words = (post.text || (post.jobs.find((j) => j.text)?.text ?? '')).trim().split('\n')[0] ?? ''
  if (words === '') return post.media.length > 0 ? nameOf(post.media[0]?.type) : 'Post'
  return words.length > 64 ? `${words.slice(0, 62).trimEnd()}…` : words
}

function nameOf(type: string | undefined): string {
  if (type?.startsWith('video/')) return 'Video post'
  return type?.startsWith('image/') ? 'Photo post' : 'Document post'
}
