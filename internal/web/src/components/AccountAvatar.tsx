import { Avatar } from '@mantine/core'
import classes from './AccountAvatar.module.css'
import { PlatformIcon } from './PlatformIcon'
import type { Tone } from './Pill'

interface Props {
  name: string
  src: string
  icon?: string // of the kind of account
  color?: string // of the platform
  size?: number
  tone?: Tone // of a state, shown as a ring
}

/** An account's picture with the sign of its platform; initials where there is no picture. Says nothing aloud. */
export function AccountAvatar({ name, src, icon, color, size = 38, tone }: Props) {
  return (
    <span className={classes.root} data-tone={tone} aria-hidden="true">
      <Avatar
        src={src || null}
        name={name}
        alt=""
        size={size}
        radius="xl"
        color="initials"
        imageProps={{ referrerPolicy: 'no-referrer' }}
      />
      {icon && (
        <span className={classes.badge} style={{ background: color }}>
          <PlatformIcon name={icon} size={Math.round(size * 0.3)} />
        </span>
      )}
    </span>
  )
}
