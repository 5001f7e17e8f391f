import type { DraftMedia } from '@/compose/draft'
import { mediaURL } from '@/services/media'
import type { PostKind } from '@/services/platforms'
import { videoLength } from '@/time/format'
import { MediaPreview } from './MediaPreview'
import classes from './PostPreview.module.css'

interface Props {
  name: string // of the account
  kind: PostKind
  text: string
  title: string | undefined // of a video
  media: DraftMedia[]
  previews: Record<string, string> // object URLs of files sent from this page, by media id
}

/**
 * What the account's readers will see, roughly. A kind of post that shows no text fills a phone's screen; of the
 * others only a video is shown, since a picture is in the list of files already.
 */
export function PostPreview({ name, kind, text, title, media, previews }: Props) {
  const first = media[0]
  if (!first || media.length < kind.media.min) return null
  const src = previews[first.id] ?? mediaURL(first.id)
  const video = first.type.startsWith('video/')
  if (kind.text.none) {
    return (
      <figure className={classes.story} aria-label={`Preview of the story on ${name}`}>
        <span className={classes.progress} aria-hidden />
        <figcaption className={classes.who}>{name}</figcaption>
        <MediaPreview type={first.type} src={src} alt={first.alt} className={classes.whole} />
        {first.duration_ms !== undefined && (
          <span className={classes.length}>{videoLength(first.duration_ms)}</span>
        )}
      </figure>
    )
  }
  if (!video || media.length > 1) return null
  return (
    <figure className={classes.video} aria-label={`Preview of the video on ${name}`}>
      <div
        className={classes.screen}
        data-upright={first.height > first.width || undefined}
        style={{ aspectRatio: `${String(first.width || 16)} / ${String(first.height || 9)}` }}
      >
        <MediaPreview type={first.type} src={src} alt={first.alt} className={classes.whole} controls />
      </div>
      {title && <strong className={classes.title}>{title}</strong>}
      {text.trim() !== '' && <figcaption className={classes.words}>{text}</figcaption>}
    </figure>
  )
}
