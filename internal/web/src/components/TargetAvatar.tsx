import type { Job } from '@/services/jobs'
import type { PlatformInfo } from '@/services/platforms'
import { AccountAvatar } from './AccountAvatar'
import type { Tone } from './Pill'

interface Props {
  connection: Job['connection']
  platforms: PlatformInfo[]
  size?: number
  tone?: Tone
}

/** The picture of the account a post goes to. */
export function TargetAvatar({ connection: c, platforms, size, tone }: Props) {
  const platform = platforms.find((p) => p.platform === c.platform)
  const kind = platform?.accounts.find((a) => a.kind === c.kind)
  return (
    <AccountAvatar
      name={c.name}
      src={c.avatar_url}
      icon={kind?.icon ?? platform?.icon}
      color={kind?.color ?? platform?.color}
      size={size}
      tone={tone}
    />
  )
}
