import { useState } from 'react'
import { IconChevronRight, IconInbox } from '@/components/icons'
import { MediaPreview } from '@/components/MediaPreview'
import { Face } from './FeedPost'
import type { Shown } from './PostPreview'
import classes from './preview.module.css'
import { Words } from './Words'

interface Props {
  post: Shown
  layout: 'vertical' | 'story' | 'inbox'
}

/** A post that fills a phone: a story for a day, a video with the text over it, or one that waits in the app. */
export function FullScreen({ post, layout }: Props) {
  const { files, look, called, text, options } = post
  const [at, setAt] = useState(0)
  const place = Math.min(at, files.length - 1)
  const file = files[place]
  if (!file) return null
  const story = layout === 'story'
  const title = typeof options.title === 'string' ? options.title.trim() : ''
  return (
    <div className={classes.phone} data-layout={layout}>
      <MediaPreview
        key={file.id}
        type={file.type}
        src={file.src}
        alt={file.alt}
        className={classes.whole}
        controls={!story}
      />
      {story && (
        <>
          <span className={classes.progress} aria-hidden />
          <span className={classes.author}>
            <Face post={post} size={22} />
            {called}
          </span>
        </>
      )}
      {files.length > 1 && (
        <>
          <span className={classes.count}>
            {place + 1}/{files.length}
          </span>
          <button
            type="button"
            className={classes.next}
            aria-label="Next file"
            onClick={() => {
              setAt((place + 1) % files.length)
            }}
          >
            <IconChevronRight size={16} aria-hidden />
          </button>
        </>
      )}
      {layout === 'vertical' && (
        <span className={classes.rail} aria-hidden="true">
          {look.deeds.map(({ Icon, name }) => (
            <Icon key={name} size={22} stroke={1.8} />
          ))}
        </span>
      )}
      {!story && (
        <div className={classes.over}>
          <strong>{look.handle ? `@${called}` : called}</strong>
          {title && <span className={classes.title}>{title}</span>}
          <Words text={text} limit={look.vertical} more={look.more} />
        </div>
      )}
      {layout === 'inbox' && (
        <span className={classes.waits}>
          <IconInbox size={16} aria-hidden />
          Waits in the app until somebody finishes it there
        </span>
      )}
    </div>
  )
}
