import { useCallback, useEffect, useRef, useState } from 'react'
import { randomId } from '@/compose/draft'
import { arrivedParts, createMedia, deleteMedia, type Media } from '@/services/media'
import { Problem, sentenceOf } from '@/services/problem'
import { again } from '@/upload/again'
import { begunWith, forget, recall, remember, type Begun } from '@/upload/memory'
import { sendFile } from '@/upload/send'

/** A file on its way. Once it is there it leaves this list. */
export interface Upload {
  key: string
  file: File
  preview: string // an object URL
  place: number // among the files chosen on this page
  sent: number // bytes
  waiting: boolean // for the network
  failure?: string // a sentence; the upload has stopped
}

/** An upload that was interrupted: by a reload, a closed page, a crash. The same file, chosen again, goes on. */
export interface Unfinished extends Begun {
  sent: number // bytes
}

interface Options {
  owner: string // workspace and member
  onReady: (media: Media, preview: string, place: number) => void
}

/** Sends files in parts, each with progress, cancel and retry; what was interrupted goes on where it stopped. */
export function useUploads({ owner, onReady }: Options) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const [unfinished, setUnfinished] = useState<Unfinished[]>([])
  const running = useRef(new Map<string, { controller: AbortController; id?: string }>())
  const chosen = useRef(0)
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

  // What an earlier page has left.
  useEffect(() => {
    const controller = new AbortController()
    for (const begun of recall(owner)) {
      void arrivedParts(begun.id, controller.signal).then(
        (p) => {
          const all = p.arrived.map((n) => Math.min(p.part_bytes, begun.size - (n - 1) * p.part_bytes))
          const left = { ...begun, sent: all.reduce((a, b) => a + b, 0) }
          setUnfinished((list) => [...list.filter((u) => u.id !== begun.id), left])
        },
        (error: unknown) => {
          if (isOver(error)) forget(owner, begun.id)
        },
      )
    }
    return () => {
      controller.abort()
    }
  }, [owner])

  const send = useCallback(
    async ({ key, file, preview, place }: Pick<Upload, 'key' | 'file' | 'preview' | 'place'>) => {
      const run: { controller: AbortController; id?: string } = { controller: new AbortController() }
      const taken = new Set([...running.current.values()].map((r) => r.id))
      running.current.set(key, run)
      const { signal } = run.controller
      const waiting = (yes: boolean) => {
        patch(key, { waiting: yes })
      }
      const watch = {
        signal,
        waiting,
        progress: (sent: number) => {
          patch(key, { sent })
        },
      }
      const begin = async () => {
        const announced = await again(() => createMedia(file, key, signal), signal, waiting)
        run.id = announced.id
        const until = Date.parse(announced.expires_at ?? '') || Date.now()
        remember(owner, {
          id: announced.id,
          name: file.name,
          size: file.size,
          modified: file.lastModified,
          until,
        })
        return sendFile(announced.id, file, watch)
      }
      try {
        const before = begunWith(owner, file)
        let done: Media
        if (before && !taken.has(before.id)) {
          run.id = before.id
          setUnfinished((list) => list.filter((u) => u.id !== before.id))
          try {
            done = await sendFile(before.id, file, watch)
          } catch (error) {
            if (!isOver(error)) throw error
            forget(owner, before.id)
            done = await begin() // a day has gone by, or it is in the library already
          }
        } else done = await begin()
        forget(owner, done.id)
        remove(key)
        ready.current(done, preview, place)
      } catch (error) {
        if (signal.aborted) return
        // What the check refuses is deleted there.
        if (run.id && error instanceof Problem && error.status === 422) forget(owner, run.id)
        patch(key, { failure: sentenceOf(error), waiting: false })
      } finally {
        running.current.delete(key)
      }
    },
    [owner, patch, remove],
  )

  const add = useCallback(
    (files: File[]) => {
      const fresh = files.map((file) => ({
        key: randomId(),
        file,
        preview: URL.createObjectURL(file),
        place: chosen.current++,
        sent: 0,
        waiting: false,
      }))
      setUploads((all) => [...all, ...fresh])
      for (const upload of fresh) void send(upload)
    },
    [send],
  )

  /** Removes what has arrived. What cannot be reached now, the bucket forgets after a day or two. */
  const discard = useCallback(
    (id: string) => {
      forget(owner, id)
      setUnfinished((list) => list.filter((u) => u.id !== id))
      void deleteMedia(id).catch(() => undefined)
    },
    [owner],
  )

  const cancel = useCallback(
    (key: string) => {
      const run = running.current.get(key)
      run?.controller.abort()
      const file = uploads.find((u) => u.key === key)?.file
      const id = run?.id ?? (file && begunWith(owner, file)?.id)
      if (id) discard(id)
      remove(key)
    },
    [discard, owner, remove, uploads],
  )

  const retry = useCallback(
    ({ key, file, preview, place }: Upload) => {
      const anew = { key: randomId(), file, preview, place, sent: 0, waiting: false }
      setUploads((all) => all.map((u) => (u.key === key ? anew : u)))
      void send(anew)
    },
    [send],
  )

  // Leaving the page stops what is on its way; it can be gone on with.
  useEffect(() => {
    const all = running.current
    return () => {
      for (const { controller } of all.values()) controller.abort()
    }
  }, [])

  return { uploads, unfinished, add, cancel, retry, discard }
}

/** The upload is not there any more, or complete: nothing can be gone on with. */
function isOver(error: unknown): boolean {
  return error instanceof Problem && (error.status === 404 || error.status === 409)
}
