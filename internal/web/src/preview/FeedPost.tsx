import { Avatar } from '@mantine/core'
import { useState } from 'react'
import { IconChevronRight, IconDots, IconFileText, IconWorld } from '@/components/icons'
import { MediaPreview } from '@/components/MediaPreview'
import type { PostKind } from '@/services/platforms'
import type { Shown } from './PostPreview'
import classes from './preview.module.css'
import { Words } from './Words'

interface Props {
  post: Shown
  layout: NonNullable<PostKind['preview']>
}

/** A post between others: text and files, a link's card, a poll, another post; or the files first and the text below. */
export function FeedPost({ post, layout }: Props) {
  const { look, called, text } = post
  const gallery = layout === 'gallery'
  return (
    <div className={classes.card}>
      <div className={classes.head}>
        <Face post={post} size={gallery ? 28 : 36} />
        <span className={classes.who}>
          <strong>{called}</strong>
          {look.when && (
            <span className={classes.when}>
              {look.when} · <IconWorld size={12} aria-hidden />
            </span>
          )}
        </span>
        <IconDots size={18} aria-hidden className={classes.dots} />
      </div>
      {!gallery && <Words text={text} limit={look.feed} more={look.more} />}
      {gallery ? <Gallery files={post.files} /> : <Files post={post} />}
      {layout === 'poll' && <Poll post={post} />}
      {layout === 'share' && <Other post={post} />}
      <Deeds post={post} />
      {gallery && <Words text={text} limit={look.feed} more={look.more} before={called} />}
    </div>
  )
}

export function Face({ post, size }: { post: Shown; size: number }) {
  return (
    <Avatar
      src={post.account.avatar || null}
      name={post.account.name}
      alt=""
      size={size}
      radius="xl"
      color="initials"
      imageProps={{ referrerPolicy: 'no-referrer' }}
    />
  )
}

function Deeds({ post }: { post: Shown }) {
  const { look } = post
  if (look.deeds.length === 0) return null
  return (
    <div className={classes.deeds} data-named={look.named || undefined} aria-hidden="true">
      {look.deeds.map(({ Icon, name }) => (
        <span key={name}>
          <Icon size={look.named ? 16 : 21} stroke={1.7} />
          {look.named && name}
        </span>
      ))}
    </div>
  )
}

/** Files below the text, or the card of a link. */
function Files({ post }: { post: Shown }) {
  const { files, link, look } = post
  const first = files[0]
  if (link !== '') return <LinkCard post={post} />
  if (!first) return null
  if (isDocument(first.type)) return <DocumentCard post={post} />
  const shown = files.slice(0, look.photos)
  return (
    <div className={classes.grid} data-count={shown.length}>
      {shown.map((f, i) => (
        <span
          key={f.id}
          className={classes.tile}
          style={shown.length === 1 ? { aspectRatio: String(Math.min(1.91, Math.max(0.8, f.ratio))) } : {}}
        >
          <MediaPreview type={f.type} src={f.src} alt={f.alt} className={classes.fill} controls />
          {i === shown.length - 1 && files.length > shown.length && (
            <span className={classes.rest}>+{files.length - shown.length}</span>
          )}
        </span>
      ))}
    </div>
  )
}

/** One file at a time, with a dot for each. */
function Gallery({ files }: { files: Shown['files'] }) {
  const [at, setAt] = useState(0)
  const place = Math.min(at, files.length - 1)
  const file = files[place]
  if (!file) return null
  const ratio = Math.min(1.91, Math.max(0.8, files[0]?.ratio ?? 1)) // the first one decides for all
  return (
    <div className={classes.gallery} style={{ aspectRatio: String(ratio) }}>
      <MediaPreview
        key={file.id}
        type={file.type}
        src={file.src}
        alt={file.alt}
        className={classes.fill}
        controls
      />
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
          <span className={classes.places} aria-hidden="true">
            {files.map((f, i) => (
              <span key={f.id} data-on={i === place || undefined} />
            ))}
          </span>
        </>
      )}
    </div>
  )
}

function LinkCard({ post }: { post: Shown }) {
  const { link, options, files, look } = post
  const picture = files[0]
  const title = wordsOf(options.title)
  const about = wordsOf(options.description)
  return (
    <div className={classes.link}>
      {picture && (
        <span className={classes.thumb}>
          <MediaPreview type={picture.type} src={picture.src} alt={picture.alt} className={classes.fill} />
        </span>
      )}
      <span className={classes.about}>
        {look.site === 'above' && <span className={classes.host}>{hostOf(link)}</span>}
        <strong>{title || 'The title of the page'}</strong>
        {look.site === 'below' && <span className={classes.host}>{hostOf(link)}</span>}
        {about && look.site === 'above' && <span className={classes.line}>{about}</span>}
      </span>
    </div>
  )
}

function DocumentCard({ post }: { post: Shown }) {
  const [file] = post.files
  if (!file) return null
  return (
    <div className={classes.document}>
      <div className={classes.documentHead}>
        <strong>{wordsOf(post.options.title) || file.name}</strong>
        {file.pages > 0 && <span>{file.pages === 1 ? '1 page' : `${String(file.pages)} pages`}</span>}
      </div>
      <div className={classes.sheet}>
        <IconFileText size={44} stroke={1.2} aria-hidden />
        <span>{file.name}</span>
      </div>
    </div>
  )
}

function Poll({ post }: { post: Shown }) {
  const { question, options } = post.options
  const given = Array.isArray(options) ? options.map(wordsOf) : []
  const rows = given.length < 2 ? [...given, ...['Answer 1', 'Answer 2'].slice(given.length)] : given
  return (
    <div className={classes.poll}>
      <strong>{wordsOf(question) || 'Your question'}</strong>
      {rows.map((answer, i) => (
        <span key={i} className={classes.answer} data-empty={!given[i] || undefined}>
          {answer || `Answer ${String(i + 1)}`}
        </span>
      ))}
      <span className={classes.line}>
        {['0 votes', ...(post.chosen('duration') ? [`open for ${post.chosen('duration')}`] : [])].join(' · ')}
      </span>
    </div>
  )
}

/** Another post; only its address is known here. */
function Other({ post }: { post: Shown }) {
  const address = wordsOf(post.options.post)
  return (
    <div className={classes.other}>
      <span className={classes.who}>
        <strong>The other post</strong>
        <span className={classes.line}>{address || 'Its address is asked for above'}</span>
      </span>
      <span className={classes.bars} aria-hidden="true">
        <span />
        <span />
      </span>
    </div>
  )
}

export function isDocument(type: string): boolean {
  return !/^(image|video)\//.test(type)
}

function wordsOf(v: unknown): string {
  return typeof v === 'string' ? v.trim() : ''
}

function hostOf(link: string): string {
  try {
    return new URL(link).hostname.replace(/^www\./, '')
  } catch {
    return link
  }
}
