import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { show } from '@/test/show'
import { MediaTray } from './MediaTray'

const nothing = () => undefined

function tray(accept: string[]) {
  const clip = { id: 'med_1', name: 'oven.mp4', type: 'video/mp4', bytes: 2_100_000, width: 540, height: 960 }
  show(
    <MediaTray
      media={[{ ...clip, duration_ms: 62_400, alt: '' }]}
      uploads={[]}
      unfinished={[]}
      previews={{ med_1: 'blob:clip' }}
      accept={accept}
      refused={[]}
      takesAlt={() => true}
      problems={[]}
      fileProblems={new Map()}
      onFiles={nothing}
      onAlt={nothing}
      onUp={nothing}
      onRemove={nothing}
      onCancel={nothing}
      onRetry={nothing}
      onDiscard={nothing}
      onLibrary={nothing}
    />,
  )
}

describe('MediaTray', () => {
  it('shows a video with its length and asks no alternative text of it', () => {
    tray(['image/jpeg', 'video/mp4'])
    expect(screen.getByText('540 × 960 · 1:02 · 2.1 MB')).toBeVisible()
    expect(screen.getByLabelText('Video')).toHaveAttribute('src', 'blob:clip')
    expect(screen.queryByLabelText('Alternative text')).toBeNull()
  })

  it('offers what the chosen accounts take', () => {
    tray(['image/jpeg', 'video/mp4'])
    expect(screen.getByLabelText('Photos and videos')).toHaveAttribute('accept', 'image/jpeg,video/mp4')
    expect(screen.getByText(/Drop photos or a video here/)).toBeVisible()
  })
})
