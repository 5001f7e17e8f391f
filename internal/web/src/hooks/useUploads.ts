import { useCallback, useEffect, useRef, useState } from 'react'
import type { DraftMedia } from '@/compose/draft'
import { completeMedia, createMedia, putFile } from '@/services/media'
import { sentenceOf } from '@/services/problem'

/** A file on its way. Once it is there it leaves this list and becomes part of the draft. */
export interface Upload {
  key: string
  file: File
  preview: string // an object URL
  progress: number // 0 to 1
  failure?: string // a sentence; the upload has stopped
}

interface Options {
  onReady: (media: DraftMedia, preview: string) => void
}

/** Sends files, each with progress, cancel and retry. */
export function useUploads({ onReady }: Options) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const running = useRef(new Map<string, AbortController>())
  const ready = useRef(onReady)
  useEffect(() => {
    ready.current = onReady
  }, [onReady])

  const patch = useCallback((key: string, change: Partial<Upload>) => {
    setUploads((all) => all.map((u) => (u.key === key ? { ...u, ...change } : u)))
  }, [])

  const remove = useCallback((key: string) => {
    setUploads((all) => all.filter((u) => u.key !== key))
  }, [])

  const send = useCallback(
    async ({ key, file, preview }: Pick<Upload, 'key' | 'file' | 'preview'>) => {
      const controller = new AbortController()
      running.current.set(key, controller)
      try {
        const media = await createMedia(file, controller.signal)
        if (!media.upload) throw new Error('the answer names no place to upload to')
        await putFile(
          media.upload,
          file,
          (progress) => {
            patch(key, { progress })
          },
          controller.signal,
        )
        const done = await completeMedia(media.id, controller.signal)
        const { id, name, type, bytes, width = 0, height = 0, duration_ms } = done
        const length = duration_ms === undefined ? {} : { duration_ms }
        ready.current({ id, name, type, bytes, width, height, ...length, alt: '' }, preview)
        remove(key)
      } catch (error) {
        if (controller.signal.aborted) return
        patch(key, { failure: sentenceOf(error) })
      } finally {
        running.current.delete(key)
      }
    },
    [patch, remove],
  )

  const add = useCallback(
    (files: File[]) => {
      const fresh = files.map((file) => ({
        key: `${String(performance.now())}-${file.name}-${String(Math.random())}`,
        file,
        preview: URL.createObjectURL(file),
        progress: 0,
      }))
      setUploads((all) => [...all, ...fresh])
      for (const upload of fresh) void send(upload)
    },
    [send],
  )

  const cancel = useCallback(
    (key: string) => {
      running.current.get(key)?.abort()
      remove(key)
    },
    [remove],
  )

  const retry = useCallback(
    (upload: Upload) => {
      setUploads((all) =>
        all.map((u) =>
          u.key === upload.key ? { key: u.key, file: u.file, preview: u.preview, progress: 0 } : u,
        ),
      )
      void send(upload)
    },
    [send],
  )

  // Leaving the page stops what is on its way.
  useEffect(() => {
    const all = running.current
    return () => {
      for (const controller of all.values()) controller.abort()
    }
  }, [])

  return { uploads, add, cancel, retry }
}
