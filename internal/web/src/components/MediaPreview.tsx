interface Props {
  type: string // MIME type
  src: string
  alt: string
  className?: string | undefined
  dim?: boolean
  controls?: boolean // of a video
}

/** A small look at a file: the picture, or the first frame of the video. */
export function MediaPreview({ type, src, alt, className, dim, controls }: Props) {
  if (!type.startsWith('video/')) {
    return <img src={src} alt={alt} className={className} data-dim={dim || undefined} />
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
    />
  )
}
