import { kindWord, type WebhookEvent } from '@/services/events'
import type { PlatformInfo } from '@/services/platforms'
import classes from './EventRow.module.css'
import { Moment } from './Moment'
import { EventPill } from './states'

interface Props {
  event: WebhookEvent
  account: string
  platform: PlatformInfo | undefined
  now: Date
  zone: string
  onOpen: () => void
}

/** One thing a platform told: what, about whom, and what became of it. */
export function EventRow({ event: e, account, platform, now, zone, onOpen }: Props) {
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <button type="button" className={classes.kind} onClick={onOpen}>
          {kindWord(e)}
        </button>
        <span className={classes.about}>
          {platform?.title ?? e.platform} · {account}
        </span>
        {e.reason && <p className={classes.reason}>{e.reason}</p>}
      </div>
      <div className={classes.end}>
        <EventPill state={e.state} />
        <span className={classes.time}>
          <Moment at={e.received_at} zone={zone} now={now} show="short" />
        </span>
      </div>
    </li>
  )
}
