import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import type { Media } from '@/services/media'
import { MediaFinder } from './MediaFinder'

interface Props {
  opened: boolean
  onChoose: (files: Media[]) => void
  onClose: () => void
}

/** Chooses files from the library. */
export function LibraryPicker({ opened, onChoose, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="From the library" size="xl">
      <Choice onChoose={onChoose} onClose={onClose} />
    </Modal>
  )
}

function Choice({ onChoose, onClose }: Omit<Props, 'opened'>) {
  const [chosen, setChosen] = useState<Media[]>([])
  return (
    <>
      <MediaFinder
        chosen={chosen.map((m) => m.id)}
        empty="What you upload for a post is kept here, to be used again."
        onPick={(media) => {
          setChosen((all) =>
            all.some((m) => m.id === media.id) ? all.filter((m) => m.id !== media.id) : [...all, media],
          )
        }}
      />
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={chosen.length === 0}
          onClick={() => {
            onChoose(chosen)
          }}
        >
          {chosen.length > 1 ? `Add ${String(chosen.length)} files` : 'Add the file'}
        </Button>
      </Group>
    </>
  )
}
