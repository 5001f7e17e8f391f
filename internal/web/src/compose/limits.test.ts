import { expect, it } from 'vitest'
import { linkedin } from '@/test/stub/linkedin'
import { tiktok } from '@/test/stub/tiktok'
import { countLimit, fileLimits, optionTitles, textLimit } from './limits'

const kind = (of: ReturnType<typeof tiktok>, name: string) => {
  const found = of.accounts[0]?.posts.find((p) => p.kind === name)
  if (!found) throw new Error(name)
  return found
}

it('says every limit of a kind of post in words', () => {
  expect(textLimit(kind(tiktok(), 'video')).text).toBe('Optional, at most 2,200 characters (UTF-16 units)')
  expect(textLimit(kind(tiktok(), 'video_draft')).text).toBe('No text')
  expect(textLimit(kind(linkedin(), 'text')).text).toMatch(/^Required, .*\| \{ .* count twice$/)
  expect(countLimit(kind(tiktok(), 'photos')).text).toBe('1 to 35 files')
  expect(countLimit(kind(linkedin(), 'article')).text).toBe('Up to 1 file')
  expect(countLimit(kind(linkedin(), 'text')).text).toBe('No files')
  expect(fileLimits(kind(linkedin(), 'document')).map((l) => l.text)).toEqual([
    'PDF, PPT, PPTX, DOC, DOCX, at most 100 MB, at most 300 pages, no description',
  ])
  expect(fileLimits(kind(tiktok(), 'video'))[0]?.text).toContain('1 s to 60 min')
  expect(optionTitles(kind(linkedin(), 'poll'))).toContain('Question (needed)')
})
