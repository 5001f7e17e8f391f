import type { TimelineEntry } from '@/services/jobs'
import { clock, short } from '@/time/format'
import classes from './Timeline.module.css'

/** Everything that happened to one target, oldest first, to the second. */
export function Timeline({ entries, zone, now }: { entries: TimelineEntry[]; zone: string; now: Date }) {
  const day = (at: string) => short(zone, new Date(at), now).replace(/,? \d\d:\d\d$/, '')
  return (
    <ol className={classes.list}>
      {entries.map((e, i) => {
        const before = entries[i - 1]
        return (
          <li key={`${e.at}-${String(i)}`} data-problem={e.problem ? true : undefined}>
            <time dateTime={e.at}>
              {clock(zone, new Date(e.at))}
              {(!before || day(before.at) !== day(e.at)) && <span>{day(e.at)}</span>}
            </time>
            <div>
              <span>{e.message}</span>
              {e.step && <span className={classes.note}> · {e.step.replaceAll('_', ' ')}</span>}
              {e.attempt !== undefined && e.attempt > 1 && (
                <span className={classes.note}> · attempt {e.attempt}</span>
              )}
              {e.problem && e.problem.message !== e.message && (
                <p className={classes.problem}>{e.problem.message}</p>
              )}
              {e.problem?.code && <div className={classes.note}>Code {e.problem.code}</div>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
