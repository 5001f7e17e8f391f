import { describe, expect, it } from 'vitest'
import { platform } from '@/test/stub/data'
import { accountKindOf, acceptedTypes, fittingKinds, kindFor, refusal } from './kinds'

const platforms = [platform()]
const page = accountKindOf(platforms, { platform: 'meta', kind: 'facebook_page' })
const insta = accountKindOf(platforms, { platform: 'meta', kind: 'instagram_professional' })
if (!page || !insta) throw new Error('the sample has both')

const jpeg = { name: 'a.jpg', type: 'image/jpeg', bytes: 1000 }
const png = { name: 'a.png', type: 'image/png', bytes: 1000 }

describe('kindFor', () => {
  it('follows from the files', () => {
    expect(kindFor(page, [])?.kind).toBe('text')
    expect(kindFor(page, [jpeg])?.kind).toBe('photo')
  })

  it('shows the nearest kind when none fits', () => {
    expect(fittingKinds(insta, [])).toEqual([])
    expect(kindFor(insta, [])?.kind).toBe('photo')
    expect(fittingKinds(insta, [png])).toEqual([])
    expect(kindFor(insta, [png])?.kind).toBe('photo')
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
    expect(kindFor(two, [jpeg, jpeg], 'album')?.kind).toBe('album')
    expect(kindFor(two, [jpeg], 'album')?.kind).toBe('photo')
  })
})

describe('refusal', () => {
  it('refuses before a byte is sent what no chosen account takes', () => {
    expect(refusal(png, [insta])).toMatch(/type/)
    expect(refusal(png, [insta, page])).toBeNull()
    expect(refusal({ ...jpeg, bytes: 9_000_000 }, [insta])).toMatch(/9 MB; the most that can be sent is 8 MB/)
    expect(refusal({ ...jpeg, bytes: 9_000_000 }, [insta, page])).toBeNull()
  })

  it('offers every type that one of them takes', () => {
    expect(acceptedTypes([insta, page]).sort()).toEqual(['image/jpeg', 'image/png'])
  })
})
