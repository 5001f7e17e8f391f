import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { PlatformInfo } from '@/services/platforms'
import { platform } from '@/test/stub/data'
import { linkedin } from '@/test/stub/linkedin'
import { show } from '@/test/show'
import { tiktok } from '@/test/stub/tiktok'
import PostPreview, { type Props } from './PostPreview'

const file = (name: string, type: string, more = {}) => ({
  ...{ id: name, name, type, bytes: 1, width: 1080, height: 1350, alt: '' },
  ...more,
})

/** Shows a kind of post; the first account of the platform that has it. */
function preview(info: PlatformInfo, kind: string, over: Partial<Props> = {}) {
  const account = info.accounts.find((a) => a.posts.some((p) => p.kind === kind))
  const found = account?.posts.find((p) => p.kind === kind)
  if (!account || !found) throw new Error(`no account takes a ${kind}`)
  show(
    <PostPreview
      account={{ name: 'Cafe Ada', username: 'cafe.ada', avatar: '' }}
      icon={account.icon}
      kind={found}
      text="Fresh buns"
      link=""
      options={{}}
      media={[]}
      sources={{}}
      {...over}
    />,
  )
  return screen.queryByRole('figure', { name: 'Preview for Cafe Ada' })
}

describe('PostPreview', () => {
  it('shows a poll with its question, its answers and how long it is open', () => {
    const options = { question: 'Which knot?', options: ['Cinnamon', 'Cardamom'], duration: 'SEVEN_DAYS' }
    const figure = preview(linkedin(), 'poll', { options })
    for (const words of ['Which knot?', 'Cinnamon', 'Cardamom', '0 votes · open for 1 week'])
      expect(figure).toHaveTextContent(words)
  })

  it('shows a repost without words, and nothing of a text that is not written', () => {
    const figure = preview(linkedin(), 'reshare', { text: '', options: { post: 'urn:li:share:7' } })
    expect(figure).toHaveTextContent('urn:li:share:7')
    expect(preview(platform(), 'text', { text: '' })).toBe(figure)
  })

  it('shows a document under its title, with its pages', () => {
    const media = [file('menu.pdf', 'application/pdf', { pages: 12 })]
    const figure = preview(linkedin(), 'document', { media, options: { title: 'Winter menu' } })
    expect(figure).toHaveTextContent('Winter menu12 pages')
  })

  it('fills a phone with the files of a platform of videos, one at a time', async () => {
    const media = [file('a.jpg', 'image/jpeg', { alt: 'One' }), file('b.jpg', 'image/jpeg', { alt: 'Two' })]
    const figure = preview(tiktok(), 'photos', { media, options: { title: 'Door one' } })
    if (!figure) throw new Error('there is one')
    for (const words of ['For You', '@cafe.ada', 'Door one', 'Fresh buns', '1/2'])
      expect(figure).toHaveTextContent(words)
    await userEvent.click(within(figure).getByRole('button', { name: 'Next file' }))
    expect(within(figure).getByRole('img', { name: 'Two' })).toBeVisible()
  })

  it('says of what goes into the inbox that it waits there', () => {
    const figure = preview(tiktok(), 'video_draft', { text: '', media: [file('a.mp4', 'video/mp4')] })
    expect(figure).toHaveTextContent('Waits in the app until somebody finishes it there')
    expect(figure).not.toHaveTextContent('For You')
  })
})
