import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { createRoute } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { IconUpload } from '@/components/icons'
import { MediaDetails } from '@/components/MediaDetails'
import { MediaFinder } from '@/components/MediaFinder'
import tray from '@/components/MediaTray.module.css'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { UploadList } from '@/components/UploadList'
import { useNow } from '@/hooks/useNow'
import { useSession } from '@/hooks/useSession'
import { useUploads } from '@/hooks/useUploads'
import type { Media } from '@/services/media'
import { may } from '@/services/roles'
import { appRoute } from './app'

export const libraryRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/library',
  component: Library,
})

// What Herald reads; what a platform takes is said in the composer.
const accept =
  'image/jpeg,image/png,image/gif,image/webp,video/mp4,video/quicktime,.pdf,.doc,.docx,.ppt,.pptx'

function Library() {
  const session = useSession()
  const now = useNow(60_000)
  const client = useQueryClient()
  const writes = may(session, 'compose')
  const input = useRef<HTMLInputElement>(null)
  const [open, setOpen] = useState<Media | null>(null)
  const { uploads, unfinished, add, cancel, retry, discard } = useUploads({
    owner: `${session.workspace.id}.${session.member.id}`,
    onReady: () => void client.invalidateQueries({ queryKey: ['media', 'list'] }),
  })
  const choose = () => {
    input.current?.click()
  }
  return (
    <>
      <PageHeader
        title="Library"
        lead="The pictures, videos and documents of this workspace, to be used in any post."
        actions={
          writes && (
            <Button leftSection={<IconUpload size={18} aria-hidden />} onClick={choose}>
              Upload
            </Button>
          )
        }
      />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files for the library"
        accept={accept}
        onChange={(e) => {
          add([...(e.currentTarget.files ?? [])])
          e.currentTarget.value = '' // choosing the same file again is a choice too
        }}
      />
      {writes && uploads.length + unfinished.length > 0 && (
        <div style={{ marginBottom: 20 }}>
          <Panel title="On the way">
            <ul className={tray.list} style={{ margin: 0 }}>
              <UploadList
                uploads={uploads}
                unfinished={unfinished}
                onChoose={choose}
                onCancel={cancel}
                onRetry={retry}
                onDiscard={discard}
              />
            </ul>
          </Panel>
        </div>
      )}
      <Panel label="Files">
        <MediaFinder
          empty={
            writes
              ? 'Upload a picture or a video, here or while you compose.'
              : 'Nobody has uploaded a file yet.'
          }
          onPick={setOpen}
        />
      </Panel>
      <MediaDetails
        media={open}
        zone={session.workspace.time_zone}
        now={now}
        changes={writes}
        onClose={() => {
          setOpen(null)
        }}
      />
    </>
  )
}
