import { ActionIcon, Button, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Connection } from '@/services/connections'
import type { AccountKind, PlatformInfo } from '@/services/platforms'
import { startURL } from '@/services/platforms'
import { longDate } from '@/time/format'
import { AccountAvatar } from './AccountAvatar'
import classes from './ConnectionRow.module.css'
import { IconDots, IconExternalLink, IconPlugOff, IconRefresh } from './icons'
import { ConnectionPill } from './states'

interface Props {
  connection: Connection
  platform: PlatformInfo | undefined
  kind: AccountKind | undefined
  zone: string
  canManage: boolean
  onDisconnect: () => void
}

/** One linked account: who it is, how it is, and what helps when it is not well. */
export function ConnectionRow({ connection: c, platform, kind, zone, canManage, onDisconnect }: Props) {
  const action = c.action && c.action.kind !== 'none' ? c.action : undefined
  // The end of an access that Herald renews is nobody's business as long as that works; that of the data it cannot renew.
  const renews = c.status === 'healthy' && (platform?.capabilities.refresh ?? false)
  const until = (what: string, end?: string) => end && `${what} until ${longDate(zone, new Date(end))}`
  const life =
    c.status === 'blocked'
      ? []
      : [
          c.expires_at && renews ? 'access renews itself' : until('access', c.expires_at),
          until('data', c.data_until),
        ]
  const reconnect = action?.kind === 'reconnect'
  return (
    <li className={classes.row} data-status={c.status}>
      <AccountAvatar
        name={c.name}
        src={c.avatar_url}
        icon={kind?.icon ?? platform?.icon}
        color={kind?.color ?? platform?.color}
        size={42}
      />
      <div className={classes.who}>
        <div className={classes.line}>
          <Link to="/accounts/$connectionId" params={{ connectionId: c.id }} className={classes.name}>
            {c.name}
          </Link>
          <ConnectionPill status={c.status} />
        </div>
        <span className={classes.detail}>
          {[kind?.title ?? c.kind, c.username && `@${c.username}`, ...life].filter(Boolean).join(' · ')}
        </span>
        {c.reason && <p className={classes.reason}>{c.reason}</p>}
        {Boolean(c.waiting_jobs) && (
          <p className={classes.reason}>
            {c.waiting_jobs === 1
              ? 'One post waits for this account and goes out when it is back.'
              : `${String(c.waiting_jobs)} posts wait for this account and go out when it is back.`}
          </p>
        )}
        {action && !reconnect && <p className={classes.detail}>{action.label}</p>}
      </div>
      <div className={classes.actions}>
        {canManage && reconnect && (
          <Button
            component="a"
            href={startURL(c.platform, { reconnect: c.id })}
            size="xs"
            variant={c.status === 'blocked' ? 'filled' : 'default'}
            leftSection={<IconRefresh size={16} aria-hidden />}
            aria-label={`${action.label || 'Reconnect'}: ${c.name}`}
          >
            Reconnect
          </Button>
        )}
        <Menu>
          <Menu.Target>
            <ActionIcon size="lg" aria-label={`More about ${c.name}`}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {c.profile_url && (
              <Menu.Item
                component="a"
                href={c.profile_url}
                target="_blank"
                rel="noreferrer"
                leftSection={<IconExternalLink size={16} aria-hidden />}
              >
                Open on {platform?.title ?? 'the platform'}
              </Menu.Item>
            )}
            {canManage && (
              <>
                {!reconnect && (
                  <Menu.Item
                    component="a"
                    href={startURL(c.platform, { reconnect: c.id })}
                    leftSection={<IconRefresh size={16} aria-hidden />}
                  >
                    Renew the access
                  </Menu.Item>
                )}
                <Menu.Item
                  color="red"
                  leftSection={<IconPlugOff size={16} aria-hidden />}
                  onClick={onDisconnect}
                >
                  Disconnect
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  )
}
