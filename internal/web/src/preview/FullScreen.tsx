import IconMusic from '@tabler/icons-react/icons/IconMusic'
import { useRef, useState } from 'react'
import { IconChevronRight, IconInbox, IconPlayerPlay, IconPlus } from '@/components/icons'
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
  const { files } = post
  const [at, setAt] = useState(0)
  const place = Math.min(at, files.length - 1)
  const file = files[place]
  if (!file) return null
  return (
    <div className={classes.phone} data-layout={layout}>
      {file.type.startsWith('video/') ? (
        <Clip key={file.id} file={file} />
      ) : (
        <MediaPreview
          key={file.id}
          type={file.type}
          src={file.src}
          alt={file.alt}
          className={classes.whole}
        />
      )}
      {layout === 'story' ? <StoryFrame post={post} /> : <Overlay post={post} plain={layout === 'inbox'} />}
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
      {layout === 'inbox' && (
        <span className={classes.waits}>
          <IconInbox size={16} aria-hidden />
          Waits in the app until somebody finishes it there
        </span>
      )}
    </div>
  )
}

/** A video that plays when it is clicked: a browser's own bar would lie over the text. */
function Clip({ file }: { file: Shown['files'][number] }) {
  const place = useRef<HTMLDivElement>(null)
  const [playing, setPlaying] = useState(false)
  return (
    <div ref={place} className={classes.whole}>
      <MediaPreview type={file.type} src={file.src} alt={file.alt} className={classes.whole} />
      <button
        type="button"
        className={classes.play}
        aria-label={playing ? 'Pause' : 'Play'}
        data-playing={playing || undefined}
        onClick={() => {
          const video = place.current?.querySelector('video')
          if (!video) return
          video.muted = false
          if (playing) video.pause()
          else void video.play()
          setPlaying(!playing)
        }}
      >
        <IconPlayerPlay size={30} aria-hidden />
      </button>
    </div>
  )
}

function StoryFrame({ post }: { post: Shown }) {
  return (
    <>
      <span className={classes.progress} aria-hidden />
      <span className={classes.author}>
        <Face post={post} size={22} />
        {post.called}
      </span>
    </>
  )
}

/** What lies over a video: the name and the text below, what readers can do on the right. */
function Overlay({ post, plain }: { post: Shown; plain: boolean }) {
  const { look, called, text, options } = post
  const { screen } = look
  const title = typeof options.title === 'string' ? options.title.trim() : ''
  return (
    <>
      {!plain && screen.tabs.length > 0 && (
        <span className={classes.tabs} aria-hidden="true">
          {screen.tabs.map((name) => (
            <span key={name}>{name}</span>
          ))}
        </span>
      )}
      {!plain && (
        <span className={classes.rail} aria-hidden="true">
          {screen.face === 'rail' && (
            <span className={classes.railFace}>
              <Face post={post} size={30} />
              <IconPlus size={10} stroke={4} />
            </span>
          )}
          {screen.deeds.map(({ Icon, name }) => (
            <Icon key={name} size={22} stroke={1.8} />
          ))}
          {screen.face === 'rail' && screen.sound && (
            <span className={classes.disc}>
              <Face post={post} size={14} />
            </span>
          )}
        </span>
      )}
      <div className={classes.over}>
        <span className={classes.byline}>
          {screen.face === 'name' && !plain && <Face post={post} size={20} />}
          <strong>{screen.face === 'rail' ? `@${called}` : called}</strong>
          {screen.follow && !plain && <span className={classes.follow}>Follow</span>}
        </span>
        {title && <span className={classes.title}>{title}</span>}
        <Words text={text} limit={look.vertical} more={look.more} />
        {screen.sound && !plain && (
          <span className={classes.sound} aria-hidden="true">
            <IconMusic size={11} />
            {`${screen.sound} · ${called}`}
          </span>
        )}
      </div>
    </>
  )
}
