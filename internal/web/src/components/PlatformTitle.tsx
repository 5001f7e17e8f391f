import type { PlatformInfo } from '@/services/platforms'
import { PlatformIcon } from './PlatformIcon'
import classes from './PlatformTitle.module.css'

export function PlatformTitle({ platform }: { platform: PlatformInfo }) {
  return (
    <span className={classes.title}>
      <span className={classes.icon} style={{ background: platform.color }}>
        <PlatformIcon name={platform.icon} size={16} />
      </span>
      {platform.title}
    </span>
  )
}
