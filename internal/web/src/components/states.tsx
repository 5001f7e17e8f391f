import {
  IconAlertCircle,
  IconAlertTriangle,
  IconBan,
  IconCalendarTime,
  IconCheck,
  IconClock,
  IconHourglass,
  IconInbox,
  IconPlayerPause,
  IconPlugOff,
  IconQuestionMark,
  IconTrash,
} from './icons'
import type { ReactNode } from 'react'
import type { Connection } from '@/services/connections'
import type { WebhookEvent } from '@/services/events'
import type { Job, JobState } from '@/services/jobs'
import type { PostState } from '@/services/posts'
import { Pill, type Tone } from './Pill'
import classes from './Pill.module.css'

interface Look {
  tone: Tone
  label: string
  icon: ReactNode
}

const size = { size: 13, stroke: 2.4, 'aria-hidden': true }
const spinner = <span className={classes.spin} aria-hidden="true" />

const jobs: Record<JobState, Look> = {
  scheduled: { tone: 'idle', label: 'Scheduled', icon: <IconCalendarTime {...size} /> },
  queued: { tone: 'busy', label: 'In the queue', icon: spinner },
  running: { tone: 'busy', label: 'Publishing', icon: spinner },
  waiting: { tone: 'busy', label: 'Waiting to go on', icon: <IconHourglass {...size} /> },
  published: { tone: 'good', label: 'Published', icon: <IconCheck {...size} /> },
  failed: { tone: 'bad', label: 'Failed', icon: <IconAlertCircle {...size} /> },
  cancelled: { tone: 'idle', label: 'Cancelled', icon: <IconBan {...size} /> },
  held: { tone: 'warn', label: 'Needs your decision', icon: <IconQuestionMark {...size} /> },
  blocked: { tone: 'warn', label: 'Waits for the account', icon: <IconPlugOff {...size} /> },
}

const posts: Record<PostState, Look> = {
  scheduled: jobs.scheduled,
  publishing: { ...jobs.running },
  published: jobs.published,
  partly_published: { tone: 'bad', label: 'Partly published', icon: <IconAlertTriangle {...size} /> },
  failed: jobs.failed,
  cancelled: jobs.cancelled,
  needs_you: { tone: 'warn', label: 'Needs you', icon: <IconAlertTriangle {...size} /> },
}

const connections: Record<Connection['status'], Look> = {
  healthy: { tone: 'good', label: 'Healthy', icon: <IconCheck {...size} /> },
  expiring: { tone: 'warn', label: 'Expires soon', icon: <IconClock {...size} /> },
  blocked: { tone: 'bad', label: 'Blocked', icon: <IconPlugOff {...size} /> },
  paused: { tone: 'idle', label: 'Paused', icon: <IconPlayerPause {...size} /> },
  disconnected: { tone: 'idle', label: 'Disconnected', icon: <IconBan {...size} /> },
}

const events: Record<WebhookEvent['state'], Look> = {
  received: { tone: 'busy', label: 'Received', icon: spinner },
  processed: { tone: 'good', label: 'Applied', icon: <IconCheck {...size} /> },
  failed: { tone: 'bad', label: 'Failed', icon: <IconAlertCircle {...size} /> },
  ignored: { tone: 'idle', label: 'Ignored', icon: <IconBan {...size} /> },
}

function pill({ tone, label, icon }: Look) {
  return (
    <Pill tone={tone} icon={icon}>
      {label}
    </Pill>
  )
}

const deleted: Look = { tone: 'idle', label: 'Deleted', icon: <IconTrash {...size} /> }

const removed: Look = { ...deleted, label: 'Removed' }
const inInbox: Look = { tone: 'good', label: 'In the inbox', icon: <IconInbox {...size} /> }

/** inbox = such posts wait in the platform's app until somebody finishes them; with an address it is finished. */
export function JobPill({ job, inbox = false }: { job: Job; inbox?: boolean }) {
  if (job.deleted_at) return pill(deleted)
  if (job.removed_at) return pill(removed)
  return pill(inbox && job.state === 'published' && !job.receipt?.permalink ? inInbox : jobs[job.state])
}
export const PostPill = ({ state }: { state: PostState }) => pill(posts[state])
export const ConnectionPill = ({ status }: { status: Connection['status'] }) => pill(connections[status])

export const EventPill = ({ state }: { state: WebhookEvent['state'] }) => pill(events[state])

/** The state in words, for a sentence that is read aloud. */
export const jobWord = (state: JobState) => jobs[state].label.toLowerCase()

/** The tone of a target, for the small dot on its avatar. */
export const jobTone = (state: JobState) => jobs[state].tone
