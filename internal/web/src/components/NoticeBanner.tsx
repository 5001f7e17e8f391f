import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Notice } from '@/services/notices'
import { startURL } from '@/services/platforms'
import { IconAlertTriangle, IconRefresh } from './icons'
import { Moment } from './Moment'
import classes from './NoticeBanner.module.css'

interface Props {
  notices: Notice[]
  now: Date
  zone: string
  canConnect: boolean
}

const shown = 2

/** On top of every page: which account needs somebody, why, since when, and the way to help. */
export function NoticeBanner({ notices, now, zone, canConnect }: Props) {
  if (notices.length === 0) return null
  const rest = notices.length - shown
  return (
    <section aria-label="Accounts that need you" className={classes.list}>
      {notices.slice(0, shown).map(({ key, tone, title, text, since, connection: c }) => (
        <div key={key} className={classes.banner} data-tone={tone}>
          <IconAlertTriangle size={18} aria-hidden className={classes.icon} />
          <div className={classes.words}>
            {c ? (
              <Link to="/accounts/$connectionId" params={{ connectionId: c.id }} className={classes.title}>
                {title}
              </Link>
            ) : (
              <strong className={classes.title}>{title}</strong>
            )}{' '}
            <span className={classes.since}>
              since <Moment at={since} zone={zone} now={now} show="short" />
            </span>
            {text && <div>{text}</div>}
          </div>
          {c && canConnect && (
            <Button
              component="a"
              href={startURL(c.platform, { reconnect: c.id })}
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={15} aria-hidden />}
              aria-label={`Reconnect ${c.name}`}
            >
              Reconnect
            </Button>
          )}
        </div>
      ))}
      {rest > 0 && (
        <Link to="/accounts" className={classes.rest}>
          {rest === 1 ? 'One more account needs you' : `${String(rest)} more accounts need you`}
        </Link>
      )}
    </section>
  )
}
