import { act, renderHook, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useUploads } from './useUploads'

/** A bucket: an XMLHttpRequest whose end a test decides. */
class Bucket {
  static sent: Bucket[] = []
  upload: { onprogress: ((e: { lengthComputable: boolean; loaded: number; total: number }) => void) | null } =
    {
      onprogress: null,
    }
  headers: Record<string, string> = {}
  status = 0
  aborted = false
  onload: (() => void) | null = null
  onerror: (() => void) | null = null
  onabort: (() => void) | null = null
  method = ''
  url = ''

  open(method: string, url: string) {
    this.method = method
    this.url = url
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  send() {
    Bucket.sent.push(this)
  }
  abort() {
    this.aborted = true
    this.onabort?.()
  }
  end(status: number) {
    this.status = status
    this.onload?.()
  }
}

const file = new File(['12345'], 'knots.jpg', { type: 'image/jpeg' })
let completed: () => Response

beforeEach(() => {
  Bucket.sent = []
  completed = () =>
    Response.json({
      id: 'med_1',
      name: 'knots.jpg',
      type: 'image/jpeg',
      bytes: 5,
      state: 'ready',
      width: 4,
      height: 3,
    })
  vi.stubGlobal('XMLHttpRequest', Bucket)
  vi.stubGlobal('fetch', (request: Request) => {
    if (request.url.endsWith('/complete')) return Promise.resolve(completed())
    const upload = {
      url: 'https://bucket.test/med_1',
      method: 'PUT',
      headers: { 'Content-Type': 'image/jpeg', 'Content-Length': '5', 'x-amz-meta-a': 'b' },
    }
    return Promise.resolve(
      Response.json(
        { id: 'med_1', name: 'knots.jpg', type: 'image/jpeg', bytes: 5, state: 'uploading', upload },
        { status: 201 },
      ),
    )
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

async function started() {
  const onReady = vi.fn()
  const hook = renderHook(() => useUploads({ onReady }))
  act(() => {
    hook.result.current.add([file])
  })
  await waitFor(() => {
    expect(Bucket.sent).toHaveLength(1)
  })
  const bucket = Bucket.sent[0]
  if (!bucket) throw new Error('nothing was sent')
  return { ...hook, onReady, bucket }
}

describe('useUploads', () => {
  it('sends to the given place with its headers, tells the progress, and hands over what the file really is', async () => {
    const { result, onReady, bucket } = await started()
    expect([bucket.method, bucket.url]).toEqual(['PUT', 'https://bucket.test/med_1'])
    expect(bucket.headers).toEqual({ 'Content-Type': 'image/jpeg', 'x-amz-meta-a': 'b' })
    act(() => {
      bucket.upload.onprogress?.({ lengthComputable: true, loaded: 2, total: 5 })
    })
    expect(result.current.uploads[0]?.progress).toBe(0.4)
    act(() => {
      bucket.end(200)
    })
    await waitFor(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
    expect(onReady.mock.calls[0]?.[0]).toEqual({
      id: 'med_1',
      name: 'knots.jpg',
      type: 'image/jpeg',
      bytes: 5,
      width: 4,
      height: 3,
      alt: '',
    })
    expect(result.current.uploads).toEqual([])
  })

  it('stops the request when it is cancelled', async () => {
    const { result, onReady, bucket } = await started()
    act(() => {
      result.current.cancel(result.current.uploads[0]?.key ?? '')
    })
    expect(bucket.aborted).toBe(true)
    expect(result.current.uploads).toEqual([])
    expect(onReady).not.toHaveBeenCalled()
  })

  it('keeps a failed file with a sentence, and starts anew on retry', async () => {
    const { result, onReady, bucket } = await started()
    act(() => {
      bucket.end(403)
    })
    await waitFor(() => {
      expect(result.current.uploads[0]?.failure).toBe('The time for this upload has run out. Try again.')
    })
    act(() => {
      const upload = result.current.uploads[0]
      if (upload) result.current.retry(upload)
    })
    expect(result.current.uploads[0]?.failure).toBeUndefined()
    await waitFor(() => {
      expect(Bucket.sent).toHaveLength(2)
    })
    act(() => {
      Bucket.sent[1]?.end(200)
    })
    await waitFor(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
  })

  it('shows what the check of the file says', async () => {
    completed = () =>
      Response.json({ title: 'No', detail: 'This is not a picture.', status: 422 }, { status: 422 })
    const { result, bucket } = await started()
    act(() => {
      bucket.end(200)
    })
    await waitFor(() => {
      expect(result.current.uploads[0]?.failure).toBe('This is not a picture.')
    })
  })

  it('stops everything when the page is left', async () => {
    const { bucket, unmount } = await started()
    unmount()
    expect(bucket.aborted).toBe(true)
  })
})
