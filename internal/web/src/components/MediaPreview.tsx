import { useState } from 'react'
import { IconFileText, IconPhotoOff, IconVideo } from './icons'
import { nameOfType } from '@/services/media'
import classes from './MediaPreview.module.css'

interface Props {
  type: string // MIME type
  src: string
  alt: string
  className?: string | undefined
  dim?: boolean
  controls?: boolean // of a video
}

/** A small look at a file: the picture, or the first frame of the video; a sign where it cannot be shown. */
export function MediaPreview({ type, src, alt, className, dim, controls }: Props) {
  const [broken, setBroken] = useState('')
  const video = type.startsWith('video/')
  if (!video && !type.startsWith('image/')) {
    return (
      <span
        role="img"
        aria-label={alt || `Document, ${nameOfType(type)}`}
        className={[classes.document, className].join(' ')}
        data-dim={dim || undefined}
      >
        <IconFileText size={26} stroke={1.5} aria-hidden />
        <span aria-hidden="true">{nameOfType(type)}</span>
      </span>
    )
  }
  const onError = () => {
    setBroken(src)
  }
  if (broken === src) {
    const Sign = video ? IconVideo : IconPhotoOff
    return (
      <span
        role="img"
        aria-label={alt || (video ? 'Video' : 'A picture that cannot be shown')}
        className={[classes.broken, className].join(' ')}
        data-dim={dim || undefined}
      >
        <Sign size={26} stroke={1.5} aria-hidden />
      </span>
    )
  }
  if (!video) {
    return (
      <img
        src={src}
        alt={alt}
        className={className}
        data-dim={dim || undefined}
        loading="lazy"
        decoding="async"
        onError={onError}
      />
    )
  }
  return (
    <video
      src={src}
      aria-label={alt || 'Video'}
      className={className}
      data-dim={dim || undefined}
      preload="metadata"
      controls={controls}
      muted
      playsInline
      onError={onError}
    />
  )
}
