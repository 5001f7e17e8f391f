import { ActionIcon, Button, Progress, Text } from '@mantine/core'
import type { Unfinished, Upload } from '@/hooks/useUploads'
import { fileSize } from '@/time/format'
import { FieldProblems } from './FieldProblems'
import { IconPlayerPause, IconRefresh, IconX } from './icons'
import { MediaPreview } from './MediaPreview'
import classes from './MediaTray.module.css'

interface Props {
  uploads: Upload[]
  unfinished: Unfinished[]
  onChoose: () => void
  onCancel: (key: string) => void
  onRetry: (upload: Upload) => void
  onDiscard: (id: string) => void
}

/** The files that are on their way, and those whose upload was interrupted. */
export function UploadList({ uploads, unfinished, onChoose, onCancel, onRetry, onDiscard }: Props) {
  return (
    <>
      {unfinished.map((u) => (
        <li key={u.id} className={classes.item}>
          <span className={classes.paused} aria-hidden="true">
            <IconPlayerPause size={24} stroke={1.6} />
          </span>
          <div className={classes.body}>
            <div className={classes.line}>
              <span className={classes.name}>{u.name}</span>
              <Text size="xs" c="dimmed" component="span">
                {howFar(u.sent, u.size)}
              </Text>
            </div>
            <Text size="xs" c="dimmed">
              Its upload was interrupted. Choose the same file again, and it goes on.
            </Text>
            <Button size="compact-xs" variant="default" mt={6} w="fit-content" onClick={onChoose}>
              Choose the file
            </Button>
          </div>
          <ActionIcon
            aria-label={`Discard the upload of ${u.name}`}
            onClick={() => {
              onDiscard(u.id)
            }}
          >
            <IconX size={17} aria-hidden />
          </ActionIcon>
        </li>
      ))}
      {uploads.map((u) => (
        <li key={u.key} className={classes.item}>
          <MediaPreview type={u.file.type} src={u.preview} alt="" className={classes.preview} dim />
          <div className={classes.body}>
            <div className={classes.line}>
              <span className={classes.name}>{u.file.name}</span>
              <Text size="xs" c="dimmed" component="span">
                {fileSize(u.file.size)}
              </Text>
            </div>
            {u.failure ? (
              <>
                <FieldProblems problems={[{ field: 'media', message: u.failure }]} />
                <Button
                  size="compact-xs"
                  variant="default"
                  mt={6}
                  w="fit-content"
                  leftSection={<IconRefresh size={14} aria-hidden />}
                  onClick={() => {
                    onRetry(u)
                  }}
                >
                  Try again
                </Button>
              </>
            ) : (
              <>
                <Progress
                  value={(u.sent / u.file.size) * 100}
                  aria-label={`Upload of ${u.file.name}`}
                  mt={8}
                  animated={u.sent >= u.file.size}
                />
                <Text size="xs" c="dimmed" mt={4}>
                  {u.waiting
                    ? `Waiting for the network · ${howFar(u.sent, u.file.size)}`
                    : u.sent < u.file.size
                      ? howFar(u.sent, u.file.size)
                      : 'Checking the file'}
                </Text>
              </>
            )}
          </div>
          <ActionIcon
            aria-label={`Cancel the upload of ${u.file.name}`}
            onClick={() => {
              onCancel(u.key)
            }}
          >
            <IconX size={17} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </>
  )
}

/** "45 % · 4.5 MB of 10.0 MB". */
function howFar(sent: number, size: number): string {
  const part = Math.min(Math.floor((sent / size) * 100), 99)
  return `${String(sent >= size ? 100 : part)} % · ${fileSize(sent)} of ${fileSize(size)}`
}
