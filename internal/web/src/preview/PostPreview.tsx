import type { DraftMedia } from '@/compose/draft'
import { choicesOf, schemaNow, type Options } from '@/compose/options'
import { mediaURL } from '@/services/media'
import type { PostKind } from '@/services/platforms'
import { FeedPost } from './FeedPost'
import { lookOf, type Look } from './looks'
import { FullScreen } from './FullScreen'
import classes from './preview.module.css'

export interface Props {
  account: { name: string; username: string; avatar: string }
  icon: string // of the kind of account
  kind: PostKind
  text: string
  link: string // empty = none
  options: Options
  media: DraftMedia[]
  sources: Record<string, string> // object URLs of files sent from this page, by media id
}

/** A post as its layout shows it. */
export interface Shown {
  account: Props['account']
  called: string // how readers see the account named
  look: Look
  text: string
  link: string
  options: Options
  chosen: (option: string) => string // what a choice is called; empty = nothing is chosen
  files: { id: string; name: string; type: string; src: string; alt: string; ratio: number; pages: number }[]
}

// Layouts that show something although nothing was written and no file was added.
const ownWords = { poll: true, share: true }

/** What the account's readers will see, roughly. The layout is the kind's; looks.ts has what is the platform's. */
export default function PostPreview(props: Props) {
  const { account, icon, kind, text, link, options, media, sources } = props
  const layout = kind.preview ?? 'feed'
  const files = media.slice(0, kind.media.max).map((m) => ({
    id: m.id,
    name: m.name,
    type: m.type,
    src: sources[m.id] ?? mediaURL(m.id),
    alt: m.alt,
    ratio: m.width > 0 && m.height > 0 ? m.width / m.height : 1,
    pages: m.pages ?? 0,
  }))
  if (text.trim() === '' && files.length === 0 && link === '' && !(layout in ownWords)) return null
  if (files.length < kind.media.min) return null
  const look = lookOf(icon)
  const called = look.handle && account.username ? account.username : account.name
  const chosen = (name: string) =>
    choicesOf(schemaNow(kind.options, options).properties?.[name] ?? {})?.find(
      (c) => c.value === options[name],
    )?.title ?? ''
  const post: Shown = { account, called, look, text, link, options, files, chosen }
  const full = layout === 'vertical' || layout === 'story' || layout === 'inbox'
  return (
    <figure className={classes.figure} data-look={icon} aria-label={`Preview for ${account.name}`}>
      <figcaption className={classes.caption}>Preview</figcaption>
      {full ? (
        <FullScreen post={post} layout={layout} />
      ) : (
        <FeedPost key={layout} post={post} layout={layout} />
      )}
    </figure>
  )
}
