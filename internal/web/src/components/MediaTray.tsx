import { ActionIcon, Button, Progress, Text, TextInput } from '@mantine/core'
import { useRef, useState, type DragEvent } from 'react'
import type { DraftMedia } from '@/compose/draft'
import type { Upload } from '@/hooks/useUploads'
import { mediaURL } from '@/services/media'
import type { FieldProblem } from '@/services/problem'
import { fileSize, videoLength } from '@/time/format'
import { FieldProblems } from './FieldProblems'
import { MediaPreview } from './MediaPreview'
import { IconPhotoPlus, IconRefresh, IconX } from './icons'
import classes from './MediaTray.module.css'

interface Props {
  media: DraftMedia[]
  uploads: Upload[]
  previews: Record<string, string> // object URLs of files sent from this page, by media id
  accept: string[]
  refused: string[] // sentences about files that were not taken
  problems: FieldProblem[]
  fileProblems: Map<number, FieldProblem[]>
  onFiles: (files: File[]) => void
  onAlt: (id: string, alt: string) => void
  onRemove: (id: string) => void
  onCancel: (key: string) => void
  onRetry: (upload: Upload) => void
}

/** The files of a post: choosing or dropping them, how far each is, and what it shows. */
export function MediaTray(props: Props) {
  const { media, uploads, previews, accept, refused, problems, fileProblems } = props
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const videos = accept.some((type) => type.startsWith('video/'))
  const what = videos ? 'photos or a video' : 'photos'
  const drag = (event: DragEvent, inside: boolean) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(inside)
  }
  return (
    <div>
      {(media.length > 0 || uploads.length > 0) && (
        <ul className={classes.list}>
          {media.map((m, i) => (
            <li key={m.id} className={classes.item}>
              <MediaPreview
                type={m.type}
                src={previews[m.id] ?? mediaURL(m.id)}
                alt={m.alt}
                className={classes.preview}
              />
              <div className={classes.body}>
                <div className={classes.line}>
                  <span className={classes.name}>{m.name}</span>
                  <Text size="xs" c="dimmed" component="span">
                    {m.width > 0 && `${String(m.width)} × ${String(m.height)} · `}
                    {m.duration_ms !== undefined && `${videoLength(m.duration_ms)} · `}
                    {fileSize(m.bytes)}
                  </Text>
                </div>
                {m.type.startsWith('image/') && (
                  <TextInput
                    size="xs"
                    label="Alternative text"
                    placeholder="What it shows, for those who cannot see it"
                    value={m.alt}
                    onChange={(e) => {
                      props.onAlt(m.id, e.currentTarget.value)
                    }}
                  />
                )}
                <FieldProblems problems={fileProblems.get(i)} />
              </div>
              <ActionIcon
                aria-label={`Remove ${m.name}`}
                onClick={() => {
                  props.onRemove(m.id)
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
                        props.onRetry(u)
                      }}
                    >
                      Try again
                    </Button>
                  </>
                ) : (
                  <>
                    <Progress
                      value={u.progress * 100}
                      aria-label={`Upload of ${u.file.name}`}
                      mt={8}
                      animated={u.progress === 1}
                    />
                    <Text size="xs" c="dimmed" mt={4}>
                      {u.progress < 1 ? `${String(Math.round(u.progress * 100))} %` : 'Checking the file'}
                    </Text>
                  </>
                )}
              </div>
              <ActionIcon
                aria-label={`Cancel the upload of ${u.file.name}`}
                onClick={() => {
                  props.onCancel(u.key)
                }}
              >
                <IconX size={17} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {/* Dropping is for the mouse; the button inside does the same by keyboard. */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(e) => {
          drag(e, true)
        }}
        onDragLeave={(e) => {
          drag(e, false)
        }}
        onDrop={(e) => {
          drag(e, false)
          props.onFiles([...e.dataTransfer.files])
        }}
      >
        <IconPhotoPlus size={22} stroke={1.6} aria-hidden />
        <span>
          Drop {what} here or{' '}
          <button
            type="button"
            className={classes.choose}
            onClick={() => {
              input.current?.click()
            }}
          >
            choose files
          </button>
        </span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={videos ? 'Photos and videos' : 'Photos'}
          accept={accept.join(',')}
          onChange={(e) => {
            props.onFiles([...(e.currentTarget.files ?? [])])
            e.currentTarget.value = '' // choosing the same file again is a choice too
          }}
        />
      </div>
      <div role="status">
        <FieldProblems problems={refused.map((message) => ({ field: 'media', message }))} />
      </div>
      <FieldProblems problems={problems} />
    </div>
  )
}
