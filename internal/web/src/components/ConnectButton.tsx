import { Button, Modal, Stack, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { startURL, type PlatformInfo } from '@/services/platforms'
import classes from './ConnectButton.module.css'
import { IconChevronRight, IconPlus } from './icons'
import { PlatformIcon } from './PlatformIcon'

/** Leads to the platform's consent screen; where the platform has several logins, the person says first which one. */
export function ConnectButton({ platform }: { platform: PlatformInfo }) {
  const [choosing, setChoosing] = useState(false)
  const [only, ...others] = platform.logins
  const looks = {
    leftSection: <PlatformIcon name={platform.icon} />,
    rightSection: <IconPlus size={15} aria-hidden />,
    children: `Connect ${platform.title}`,
  }
  if (others.length === 0) {
    return (
      <Button component="a" href={startURL(platform.platform, only ? { login: only.id } : {})} {...looks} />
    )
  }
  return (
    <>
      <Button
        aria-haspopup="dialog"
        onClick={() => {
          setChoosing(true)
        }}
        {...looks}
      />
      <Modal
        opened={choosing}
        onClose={() => {
          setChoosing(false)
        }}
        title={`How do you want to connect ${platform.title}?`}
      >
        <Stack gap="sm">
          {platform.logins.map((l) => (
            <UnstyledButton
              key={l.id}
              component="a"
              href={startURL(platform.platform, { login: l.id })}
              className={classes.login}
              aria-label={l.title}
              aria-describedby={`login-${l.id}`}
            >
              <PlatformIcon name={l.icon} size={26} />
              <span className={classes.words}>
                <strong>{l.title}</strong>
                <span id={`login-${l.id}`} className={classes.detail}>
                  {l.description}
                </span>
              </span>
              <IconChevronRight size={18} aria-hidden className={classes.go} />
            </UnstyledButton>
          ))}
        </Stack>
      </Modal>
    </>
  )
}
