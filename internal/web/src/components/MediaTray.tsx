import { ActionIcon, Text, TextInput } from '@mantine/core'
import { useRef, useState, type DragEvent } from 'react'
import type { DraftMedia } from '@/compose/draft'
import type { Unfinished, Upload } from '@/hooks/useUploads'
import { mediaURL } from '@/services/media'
import type { FieldProblem } from '@/services/problem'
import { fileSize, videoLength } from '@/time/format'
import { FieldProblems } from './FieldProblems'
import { MediaPreview } from './MediaPreview'
import { IconArrowUp, IconPhotoPlus, IconX } from './icons'
import { UploadList } from './UploadList'
import classes from './MediaTray.module.css'

interface Props {
  media: DraftMedia[]
  uploads: Upload[]
  unfinished: Unfinished[]
  previews: Record<string, string> // object URLs of files sent from this page, by media id
  accept: string[]
  refused: string[] // sentences about files that were not taken
  takesAlt: (type: string) => boolean // some account shows an alternative text of such a file
  problems: FieldProblem[]
  fileProblems: Map<number, FieldProblem[]>
  onFiles: (files: File[]) => void
  onAlt: (id: string, alt: string) => void
  onUp: (id: string) => void // one place towards the first
  onRemove: (id: string) => void
  onCancel: (key: string) => void
  onRetry: (upload: Upload) => void
  onDiscard: (id: string) => void
  onLibrary: () => void
}

/** The files of a post: choosing or dropping them, how far each is, and what it shows. */
export function MediaTray(props: Props) {
  const { media, uploads, unfinished, previews, accept, refused, problems, fileProblems } = props
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const choose = () => {
    input.current?.click()
  }
  const videos = accept.some((type) => type.startsWith('video/'))
  const documents = accept.some((type) => type.startsWith('application/'))
  const what = documents ? 'photos, a video or a document' : videos ? 'photos or a video' : 'photos'
  const drag = (event: DragEvent, inside: boolean) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(inside)
  }
  return (
    <div>
      {(media.length > 0 || uploads.length > 0 || unfinished.length > 0) && (
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
                    {m.pages !== undefined &&
                      m.pages > 0 &&
                      `${m.pages === 1 ? '1 page' : `${String(m.pages)} pages`} · `}
                    {fileSize(m.bytes)}
                  </Text>
                </div>
                {m.type.startsWith('image/') && props.takesAlt(m.type) && (
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
              {i > 0 && (
                <ActionIcon
                  aria-label={`Move ${m.name} up`}
                  title="Move up"
                  onClick={() => {
                    props.onUp(m.id)
                  }}
                >
                  <IconArrowUp size={17} aria-hidden />
                </ActionIcon>
              )}
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
          <UploadList
            uploads={uploads}
            unfinished={unfinished}
            onChoose={choose}
            onCancel={props.onCancel}
            onRetry={props.onRetry}
            onDiscard={props.onDiscard}
          />
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
          <button type="button" className={classes.choose} onClick={choose}>
            choose files
          </button>
          , or take some{' '}
          <button type="button" className={classes.choose} onClick={props.onLibrary}>
            from the library
          </button>
        </span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={documents ? 'Photos, videos and documents' : videos ? 'Photos and videos' : 'Photos'}
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
