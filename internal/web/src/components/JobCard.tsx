import { Anchor, Button, Skeleton, Text, UnstyledButton } from '@mantine/core'
import { useId, useState } from 'react'
import type { Job, JobDetail } from '@/services/jobs'
import { canDelete, onlyThere, startURL, type PlatformInfo } from '@/services/platforms'
import { IconChevronDown, IconExternalLink, IconRefresh } from './icons'
import classes from './JobCard.module.css'
import { LinkButton } from './LinkButton'
import { Moment } from './Moment'
import { JobPill } from './states'
import { TargetAvatar } from './TargetAvatar'
import { Timeline } from './Timeline'

/** What a person can have done to one target. */
export type JobCommand = 'retry' | 'cancel' | 'decide' | 'edit' | 'delete'

interface Props {
  job: Job
  postText: string
  history: JobDetail | undefined // fetched once the card is open
  platforms: PlatformInfo[]
  zone: string
  now: Date
  busy: JobCommand | null
  may: { decide: boolean; compose: boolean; connect: boolean }
  alone: boolean // the post has no other target
  open: boolean
  onOpen: (open: boolean) => void
  onCommand: (command: JobCommand) => void
}

/** One target of a post: where it is, why, what helps, and everything that happened on the way. */
export function JobCard(props: Props) {
  const { job, postText, history, platforms, zone, now, open, onOpen } = props
  const panel = useId()
  const [whole, setWhole] = useState(false)
  const platform = platforms.find((p) => p.platform === job.connection.platform)
  const kind = platform?.accounts.find((a) => a.kind === job.connection.kind)
  const postKind = kind?.posts.find((p) => p.kind === job.kind)
  const ownText = job.text !== postText
  return (
    <article className={classes.card} aria-label={job.connection.name}>
      <header className={classes.head}>
        <TargetAvatar connection={job.connection} platforms={platforms} size={40} />
        <div className={classes.who}>
          <strong>{job.connection.name}</strong>
          <span className={classes.detail}>
            {kind?.title ?? job.connection.kind} · {postKind?.title ?? job.kind}
          </span>
        </div>
        <JobPill job={job} inbox={postKind?.preview === 'inbox'} />
      </header>
      <div className={classes.body}>
        <When job={job} zone={zone} now={now} />
        {job.state === 'published' && !job.deleted_at && (
          <AboutPublished job={job} platform={platform?.title} only={onlyThere(props.platforms, job)} />
        )}
        {job.problem && (
          <div className={classes.problem} data-state={job.state}>
            <Text size="sm">{job.problem.message}</Text>
            {job.problem.rule && (
              <Anchor href={job.problem.rule} target="_blank" rel="noreferrer" size="sm">
                Read the platform's rule
              </Anchor>
            )}
          </div>
        )}
        {ownText && (
          <div className={classes.text}>
            <Text size="xs" c="dimmed" mb={2}>
              Its own text
            </Text>
            <Text size="sm" lineClamp={whole ? undefined : 3} className={classes.words}>
              {job.text || 'No text'}
            </Text>
            {job.text.length > 240 && (
              <Anchor
                component="button"
                size="xs"
                onClick={() => {
                  setWhole(!whole)
                }}
              >
                {whole ? 'Less' : 'All of it'}
              </Anchor>
            )}
          </div>
        )}
        <Buttons
          {...props}
          canDelete={canDelete(platform, job.connection)}
          canEdit={(kind?.can_edit ?? false) && !postKind?.text.none}
        />
      </div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => {
          onOpen(!open)
        }}
      >
        <IconChevronDown size={16} aria-hidden data-open={open || undefined} />
        What happened
        {job.attempts > 0 && (
          <span className={classes.detail}>
            {job.attempts === 1 ? '1 attempt' : `${String(job.attempts)} attempts`}
          </span>
        )}
      </UnstyledButton>
      <div id={panel} hidden={!open} className={classes.history}>
        {open &&
          (history ? (
            <Timeline entries={history.timeline} zone={zone} now={now} />
          ) : (
            <Skeleton height={60} />
          ))}
      </div>
    </article>
  )
}

/** What there is to say about a published post beside that it is: a note, no address, what can be done only there. */
function AboutPublished({ job, platform, only }: { job: Job; platform?: string; only: string | null }) {
  const { note, permalink } = job.receipt ?? { note: undefined, permalink: '' }
  const lines = [
    note,
    !permalink && !note && `${platform ?? 'The platform'} has given this post no address so far.`,
    only,
  ].filter((line) => typeof line === 'string' && line !== '')
  if (lines.length === 0) return null
  return (
    <div className={classes.about}>
      {lines.map((line) => (
        <p key={String(line)}>{line}</p>
      ))}
    </div>
  )
}

function When({ job, zone, now }: { job: Job; zone: string; now: Date }) {
  const moment = (at: string) => <Moment at={at} zone={zone} now={now} show="both" />
  if (job.removed_at && !job.deleted_at)
    return <p className={classes.when}>Removed on the platform {moment(job.removed_at)}</p>
  if (job.deleted_at)
    return <p className={classes.when}>Deleted from the platform {moment(job.deleted_at)}</p>
  if (job.state === 'published' && job.published_at) {
    return <p className={classes.when}>Published {moment(job.published_at)}</p>
  }
  if (job.state === 'scheduled') return <p className={classes.when}>Goes out {moment(job.publish_at)}</p>
  if (job.state === 'waiting' && job.next_at) {
    return (
      <p className={classes.when}>
        Goes on <Moment at={job.next_at} zone={zone} now={now} /> by itself
      </p>
    )
  }
  if (job.state === 'queued' || job.state === 'running') return <p className={classes.when}>On its way now</p>
  return <p className={classes.when}>Was due {moment(job.publish_at)}</p>
}

type Able = { canDelete: boolean; canEdit: boolean }

function Buttons({ job, busy, may, onCommand, canDelete, canEdit, alone }: Props & Able) {
  const action = job.problem?.action.kind
  const label = job.problem?.action.label
  const stopped = job.state === 'failed' || job.state === 'cancelled'
  const command = (name: JobCommand) => ({
    size: 'xs' as const,
    loading: busy === name,
    disabled: busy !== null && busy !== name,
    onClick: () => {
      onCommand(name)
    },
  })
  const edit = stopped && may.compose && (action === 'edit' || action === 'choose_account')
  const retry = job.state === 'failed' && may.decide
  const waits = action === 'wait' && !stopped && job.state !== 'held'
  const decide = job.state === 'held' && may.decide
  const reconnect = action === 'reconnect' && job.state !== 'cancelled' && may.connect
  // With one target, cancelling the post is the same and its button is in the page's head.
  const cancel =
    !alone && ['scheduled', 'queued', 'waiting', 'blocked', 'held'].includes(job.state) && may.compose
  return (
    <div className={classes.buttons}>
      {job.receipt?.permalink && !job.deleted_at && (
        <Button
          component="a"
          href={job.receipt.permalink}
          target="_blank"
          rel="noreferrer"
          size="xs"
          variant="default"
          rightSection={<IconExternalLink size={15} aria-hidden />}
          aria-label={`View the post on ${job.connection.name}`}
        >
          View post
        </Button>
      )}
      {decide && <Button {...command('decide')}>Decide</Button>}
      {reconnect && (
        <Button
          component="a"
          href={startURL(job.connection.platform, {
            reconnect: job.connection.id,
            returnTo: `/posts/${job.post_id}`,
          })}
          size="xs"
          leftSection={<IconRefresh size={15} aria-hidden />}
        >
          Reconnect
        </Button>
      )}
      {edit && (
        <LinkButton to="/compose" search={{ from: job.post_id, target: job.connection.id }} size="xs">
          {action === 'choose_account' ? 'Send to another account' : 'Edit and send again'}
        </LinkButton>
      )}
      {retry && (
        <Button {...command('retry')} variant={edit || reconnect ? 'default' : 'filled'}>
          Try again
        </Button>
      )}
      {cancel && (
        <Button {...command('cancel')} variant="default">
          Cancel
        </Button>
      )}
      {job.state === 'published' && !job.deleted_at && canEdit && may.decide && (
        <Button {...command('edit')} variant="default">
          Edit text
        </Button>
      )}
      {job.state === 'published' && !job.deleted_at && canDelete && may.decide && (
        <Button {...command('delete')} variant="subtle" color="red">
          Delete from the platform
        </Button>
      )}
      {waits && label && (
        <Text size="sm" c="dimmed">
          {label}
        </Text>
      )}
    </div>
  )
}
