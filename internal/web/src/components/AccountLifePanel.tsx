import type { ReactNode } from 'react'
import type { Connection } from '@/services/connections'
import { loginOf, type PlatformInfo } from '@/services/platforms'
import classes from './Facts.module.css'
import { Moment } from './Moment'
import { Panel } from './Panel'

interface Props {
  connection: Connection
  platform: PlatformInfo | undefined
  now: Date
  zone: string
}

/** How long Herald's access to an account lives, and what keeps it alive. */
export function AccountLifePanel({ connection: c, platform, now, zone }: Props) {
  const at = (moment: string | undefined, otherwise: ReactNode) =>
    moment ? <Moment at={moment} zone={zone} now={now} show="both" /> : otherwise
  const machine = platform?.capabilities.refresh ?? false
  const rests = c.status === 'blocked' || c.status === 'disconnected'
  const scope = (name: string) => loginOf(platform, c.login)?.scopes.find((s) => s.name === name)?.why
  return (
    <Panel title="Access">
      <dl className={classes.facts}>
        <dt>Expires</dt>
        <dd>{at(c.expires_at, 'No end is known.')}</dd>
        <dt>Renewed by Herald</dt>
        <dd>
          {rests
            ? 'Not before it is connected again.'
            : machine
              ? at(c.renews_at, 'Soon.')
              : 'This platform does not let Herald renew it; you will be told seven days before it ends.'}
        </dd>
        <dt>Data until</dt>
        <dd>
          {at(c.data_until, 'No end.')}
          {c.data_until &&
            ' From then on the platform gives Herald none of this account’s data until a person connects it again. Herald cannot renew that by itself.'}
        </dd>
        <dt>Linked</dt>
        <dd>
          <Moment at={c.created_at} zone={zone} now={now} show="both" />
        </dd>
        <dt>Permissions</dt>
        <dd>
          {c.scopes.length === 0 ? (
            'The platform does not say.'
          ) : (
            <ul className={classes.tags}>
              {c.scopes.map((s) => (
                <li key={s} title={scope(s)}>
                  {s}
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </Panel>
  )
}
