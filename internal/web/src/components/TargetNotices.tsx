import { Anchor } from '@mantine/core'
import type { Notice } from '@/services/offers'
import { IconAlertTriangle, IconBan, IconInfoCircle } from './icons'
import classes from './TargetNotices.module.css'

const icons = { info: IconInfoCircle, warning: IconAlertTriangle, stop: IconBan }

interface Props {
  notices: Notice[]
  failed: boolean // the platform could not be asked
  platform: string
  onAskAgain: () => void
}

/** What a platform says about an account to whoever composes. */
export function TargetNotices({ notices, failed, platform, onAskAgain }: Props) {
  if (notices.length === 0 && !failed) return null
  return (
    <ul className={classes.list}>
      {notices.map((n) => {
        const Icon = icons[n.level]
        return (
          <li key={n.text} className={classes.notice} data-level={n.level}>
            <Icon size={16} aria-hidden />
            <span>
              <span className="visually-hidden">
                {n.level === 'stop' ? 'Nothing can be posted now: ' : ''}
              </span>
              {n.text}
            </span>
          </li>
        )
      })}
      {failed && (
        <li className={classes.notice} data-level="warning">
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            {platform} could not be asked what this account takes. It is asked again before anything is sent.{' '}
            <Anchor component="button" type="button" inherit onClick={onAskAgain}>
              Ask now
            </Anchor>
          </span>
        </li>
      )}
    </ul>
  )
}
