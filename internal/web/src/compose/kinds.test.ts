import { describe, expect, it } from 'vitest'
import { platform } from '@/test/stub/data'
import { newDraft, type DraftMedia } from './draft'
import {
  accountKindOf,
  acceptedTypes,
  asSent,
  fittingKinds,
  kindFor,
  onlyChosen,
  refusal,
  type Attached,
} from './kinds'

const platforms = [platform()]
const page = accountKindOf(platforms, { platform: 'meta', kind: 'facebook_page' })
const insta = accountKindOf(platforms, { platform: 'meta', kind: 'instagram_professional' })
if (!page || !insta) throw new Error('the sample has both')

const jpeg = { name: 'a.jpg', type: 'image/jpeg', bytes: 1000 }
const png = { name: 'a.png', type: 'image/png', bytes: 1000 }

const of = (media: Attached[], link = '') => ({ media, link })

describe('kindFor', () => {
  it('follows from the files', () => {
    expect(kindFor(page, of([]))?.kind).toBe('text')
    expect(kindFor(page, of([jpeg]))?.kind).toBe('photo')
  })

  it('shows the nearest kind when none fits', () => {
    expect(fittingKinds(insta, [])).toEqual([])
    expect(kindFor(insta, of([]))?.kind).toBe('photo')
    expect(fittingKinds(insta, [png])).toEqual([])
    expect(kindFor(insta, of([png]))?.kind).toBe('photo')
  })

  it('keeps a choice only while it fits', () => {
    const two = {
      ...page,
      posts: [
        ...page.posts,
        {
          ...(page.posts[1] ?? page.posts[0]!),
          kind: 'album',
          media: { min: 2, max: 10, files: [{ types: ['image/jpeg'] }] },
        },
      ],
    }
    expect(kindFor(two, of([jpeg, jpeg]), 'album')?.kind).toBe('album')
    expect(kindFor(two, of([jpeg]), 'album')?.kind).toBe('photo')
  })
})

describe('kindFor, by what a file is', () => {
  const [text, photo, video] = page.posts
  if (!text || !photo || !video) throw new Error('the sample has them')
  const file = video.media.files?.[0]
  if (!file) throw new Error('a video is a file')
  const upright = {
    ...video,
    kind: 'reel',
    media: { ...video.media, files: [{ ...file, max_ratio: 0.57, max_duration_ms: 90_000, min_width: 540 }] },
  }
  const account = { ...page, posts: [text, upright, video] }
  const clip = { type: 'video/mp4', bytes: 1000, width: 540, height: 960, duration_ms: 5000 }

  it('takes the first kind whose limits the file keeps', () => {
    expect(kindFor(account, of([clip]))?.kind).toBe('reel')
    expect(kindFor(account, of([{ ...clip, width: 1280, height: 720 }]))?.kind).toBe('video')
    expect(kindFor(account, of([{ ...clip, duration_ms: 91_000 }]))?.kind).toBe('video')
    expect(kindFor(account, of([{ ...clip, width: 360, height: 640 }]))?.kind).toBe('video')
    expect(kindFor(account, of([{ type: 'video/mp4', bytes: 1000 }]))?.kind).toBe('reel')
  })

  it('never becomes a story by itself', () => {
    const story = { ...page, posts: page.posts.filter((p) => p.text.none) }
    expect(kindFor({ ...page, posts: [...story.posts, ...page.posts] }, of([jpeg]))?.kind).toBe('photo')
    expect(kindFor(page, of([jpeg]), 'photo_story')?.kind).toBe('photo_story')
  })
})

describe('kindFor, with a link and with options that must be given', () => {
  const [text, photo] = page.posts
  if (!text || !photo) throw new Error('the sample has them')
  const needs = { type: 'object', required: ['question'], properties: { question: { type: 'string' } } }
  const poll = { ...text, kind: 'poll', link: false, options: needs }
  const article = {
    ...text,
    kind: 'article',
    link_required: true,
    options: needs,
    media: { ...photo.media, min: 0, max: 1 },
  }
  const secret = { ...photo, options: needs }
  const account = { ...page, posts: [poll, { ...text, link: false }, secret, article] }

  it('picks what the link asks for, never what only options tell apart', () => {
    expect(kindFor(account, of([]))?.kind).toBe('text')
    expect(kindFor(account, of([], 'https://cafe.example'))?.kind).toBe('article')
    expect(kindFor(account, of([jpeg], 'https://cafe.example'))?.kind).toBe('article')
    expect(kindFor(account, of([jpeg]))?.kind).toBe('photo')
    expect(kindFor(account, of([]), 'poll')?.kind).toBe('poll')
    expect(account.posts.filter(onlyChosen).map((k) => k.kind)).toEqual(['poll'])
  })
})

describe('asSent', () => {
  const photo: DraftMedia = {
    id: 'med_1',
    name: 'a.jpg',
    type: 'image/jpeg',
    bytes: 1,
    width: 1,
    height: 1,
    alt: '',
  }
  const draft = {
    ...newDraft('d'),
    targets: ['a', 'b'],
    text: 'Hello',
    media: [photo],
    kinds: { a: 'photo_story' },
    options: { a: { title: 'x' } },
  }

  it('gives no text and no options to what shows none', () => {
    const both = asSent(
      draft,
      new Map([
        ['a', page],
        ['b', page],
      ]),
    )
    expect(both).toMatchObject({
      text: 'Hello',
      own: { a: '' },
      kinds: { a: 'photo_story' },
      options: { a: {} },
    })
    expect(asSent(draft, new Map([['a', page]])).text).toBe('')
  })

  it('forgets a kind that the files do not fit any more', () => {
    const sent = asSent({ ...draft, media: [] }, new Map([['a', page]]))
    expect(sent).toMatchObject({ text: 'Hello', own: {}, kinds: {} })
  })
})

describe('refusal', () => {
  it('refuses before a byte is sent what no chosen account takes', () => {
    expect(refusal(png, [insta])).toMatch(/type/)
    expect(refusal(png, [insta, page])).toBeNull()
    expect(refusal({ ...jpeg, bytes: 9_000_000 }, [insta])).toMatch(/9 MB; the most that can be sent is 8 MB/)
    expect(refusal({ ...jpeg, bytes: 9_000_000 }, [insta, page])).toBeNull()
  })

  it('refuses what is too small for all of them', () => {
    const [photo] = insta.posts
    if (!photo) throw new Error('the sample has it')
    const files = (photo.media.files ?? []).map((f) => ({ ...f, min_bytes: 2000 }))
    const picky = { ...insta, posts: [{ ...photo, media: { ...photo.media, files } }] }
    expect(refusal(jpeg, [picky])).toMatch(/1 kB; the least that can be sent is 2 kB/)
    expect(refusal(jpeg, [picky, page])).toBeNull()
  })

  it('offers every type that one of them takes', () => {
    expect(acceptedTypes([insta, page]).sort()).toEqual(['image/jpeg', 'image/png', 'video/mp4'])
  })
})
