import { act, renderHook, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recall } from '@/upload/memory'
import { useUploads } from './useUploads'

const part = 4 // bytes; the API says how large a part is
const owner = 'ten_1.mem_1'

/** The API and the bucket behind it, as far as uploading goes. */
class World {
  made = 0
  files = new Map<string, { name: string; bytes: number; arrived: Map<number, number>; ready: boolean }>()
  calls: string[] = []
  held: Put[] = [] // requests to the bucket, where hold is on
  hold = false
  answers: number[] = [] // statuses of the next requests to the bucket; 0 = no connection
  refusal = '' // what the check of the file says

  fetch = async (request: Request) => {
    const { pathname } = new URL(request.url)
    const [, , , id = '', verb = ''] = pathname.split('/')
    this.calls.push(`${request.method} ${verb || 'media'}`)
    const file = this.files.get(id)
    if (request.method === 'POST' && !id) {
      const { name, bytes } = (await request.json()) as { name: string; bytes: number }
      const fresh = `med_${String(++this.made)}`
      this.files.set(fresh, { name, bytes, arrived: new Map(), ready: false })
      return Response.json(this.tell(fresh), { status: 201 })
    }
    if (!file) return Response.json({ status: 404, detail: 'There is no such file.' }, { status: 404 })
    if (request.method === 'DELETE') {
      this.files.delete(id)
      return new Response(null, { status: 204 })
    }
    const parts = Math.ceil(file.bytes / part)
    if (verb === 'parts' && request.method === 'GET') {
      return Response.json({
        part_bytes: part,
        parts,
        arrived: [...file.arrived.keys()],
        expires_at: tomorrow(),
      })
    }
    if (verb === 'parts') {
      const { numbers } = (await request.json()) as { numbers: number[] }
      return Response.json({
        parts: numbers.map((number) => ({
          number,
          url: `https://bucket.test/${id}?part=${String(number)}&signed=${String(this.calls.length)}`,
          method: 'PUT',
          headers: { 'Content-Length': '4', 'X-Extra': 'b' },
        })),
      })
    }
    if (this.refusal) return Response.json({ status: 422, detail: this.refusal }, { status: 422 })
    file.ready = true
    return Response.json(this.tell(id))
  }

  private tell(id: string) {
    const file = this.files.get(id)
    return {
      id,
      name: file?.name,
      type: 'image/jpeg',
      bytes: file?.bytes,
      state: file?.ready ? 'ready' : 'uploading',
      alt: '',
      expires_at: tomorrow(),
    }
  }

  /** A request has reached the bucket. */
  receive(put: Put) {
    if (this.hold) {
      this.held.push(put)
      return
    }
    const status = this.answers.shift() ?? 200
    if (status === 200) {
      const url = new URL(put.url)
      this.files.get(url.pathname.slice(1))?.arrived.set(Number(url.searchParams.get('part')), put.size)
    }
    put.end(status)
  }
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()
let world: World

/** An XMLHttpRequest that ends in the world's bucket. */
class Put {
  upload: { onprogress: ((e: { loaded: number }) => void) | null } = { onprogress: null }
  headers: Record<string, string> = {}
  status = 0
  size = 0
  url = ''
  aborted = false
  onload: (() => void) | null = null
  onerror: (() => void) | null = null
  onabort: (() => void) | null = null

  open(_: string, url: string) {
    this.url = url
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  send(bytes: Blob) {
    this.size = bytes.size
    queueMicrotask(() => {
      world.receive(this)
    })
  }
  abort() {
    this.aborted = true
    this.onabort?.()
  }
  end(status: number) {
    this.status = status
    if (status === 0) this.onerror?.()
    else this.onload?.()
  }
}

const file = new File(['0123456789'], 'oven.mp4', { type: 'video/mp4', lastModified: 17 }) // three parts

beforeEach(() => {
  localStorage.clear()
  world = new World()
  vi.stubGlobal('XMLHttpRequest', Put)
  vi.stubGlobal('fetch', world.fetch)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function open() {
  const onReady = vi.fn()
  return { ...renderHook(() => useUploads({ owner, onReady })), onReady }
}

const until = (check: () => void) => waitFor(check, { timeout: 5000 })

describe('useUploads', () => {
  it('sends every part once and hands over what the file really is', async () => {
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
    expect(onReady.mock.calls[0]?.[0]).toMatchObject({
      id: 'med_1',
      type: 'image/jpeg',
      bytes: 10,
      state: 'ready',
    })
    expect([...(world.files.get('med_1')?.arrived ?? [])]).toEqual([
      [1, 4],
      [2, 4],
      [3, 2],
    ])
    expect(world.calls).toEqual(['POST media', 'GET parts', 'POST parts', 'POST complete'])
    await until(() => {
      expect(result.current.uploads).toEqual([])
    })
    expect(recall(owner)).toEqual([])
  })

  it('tells how many bytes are there, and sends the headers that are not the browser’s own', async () => {
    world.hold = true
    const { result } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(world.held).toHaveLength(3)
    })
    expect(world.held[0]?.headers).toEqual({ 'X-Extra': 'b' })
    act(() => {
      world.held[0]?.upload.onprogress?.({ loaded: 3 })
      world.held[2]?.upload.onprogress?.({ loaded: 2 })
    })
    expect(result.current.uploads[0]?.sent).toBe(5)
  })

  it('goes on after a reload with the parts that are missing', async () => {
    world.hold = true
    const first = open()
    act(() => {
      first.result.current.add([file])
    })
    await until(() => {
      expect(world.held).toHaveLength(3)
    })
    world.files.get('med_1')?.arrived.set(2, 4)
    first.unmount()
    expect(world.held.every((p) => p.aborted)).toBe(true)
    expect(recall(owner)).toMatchObject([{ id: 'med_1', name: 'oven.mp4', size: 10, modified: 17 }])

    world.hold = false
    world.calls = []
    const second = open()
    await until(() => {
      expect(second.result.current.unfinished).toMatchObject([{ id: 'med_1', sent: 4 }])
    })
    const another = new File(['0123456789'], 'oven.mp4', { lastModified: 18 }) // edited since
    act(() => {
      second.result.current.add([another])
    })
    await until(() => {
      expect(second.onReady).toHaveBeenCalledOnce()
    })
    expect(second.onReady.mock.calls[0]?.[0]).toMatchObject({ id: 'med_2' })
    act(() => {
      second.result.current.add([file])
    })
    await until(() => {
      expect(second.onReady).toHaveBeenCalledTimes(2)
    })
    expect(second.onReady.mock.calls[1]?.[0]).toMatchObject({ id: 'med_1' })
    expect([...(world.files.get('med_1')?.arrived.keys() ?? [])]).toEqual([2, 1, 3])
    expect(second.result.current.unfinished).toEqual([])
    expect(recall(owner)).toEqual([])
  })

  it('begins anew when the interrupted upload is gone', async () => {
    localStorage.setItem(
      `herald.uploads.${owner}`,
      JSON.stringify([{ id: 'med_old', name: 'oven.mp4', size: 10, modified: 17, until: Date.now() + 1000 }]),
    )
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
    expect(onReady.mock.calls[0]?.[0]).toMatchObject({ id: 'med_1' })
    expect(recall(owner)).toEqual([])
  })

  it('tries a part again after a failure, with a new place when the old one has run out', async () => {
    world.answers = [500, 403, 0]
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
    expect(world.files.get('med_1')?.arrived.size).toBe(3)
    expect(world.calls.filter((c) => c === 'POST parts')).toHaveLength(2)
  })

  it('waits while the browser is offline, however long', async () => {
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    world.answers = Array<number>(3).fill(0)
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(result.current.uploads[0]?.waiting).toBe(true)
    })
    await until(() => {
      expect(world.answers).toEqual([])
    })
    expect(onReady).not.toHaveBeenCalled()
    online.mockReturnValue(true)
    act(() => {
      window.dispatchEvent(new Event('online'))
    })
    await until(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
  })

  it('stops the requests and deletes what is there when it is cancelled', async () => {
    world.hold = true
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(world.held).toHaveLength(3)
    })
    act(() => {
      result.current.cancel(result.current.uploads[0]?.key ?? '')
    })
    expect(world.held.every((p) => p.aborted)).toBe(true)
    expect(result.current.uploads).toEqual([])
    await until(() => {
      expect(world.files.size).toBe(0)
    })
    expect(recall(owner)).toEqual([])
    expect(onReady).not.toHaveBeenCalled()
  })

  it('shows what the check of the file says, and does not go on with such a file', async () => {
    world.refusal = 'The file is a PDF document.'
    const { result } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(result.current.uploads[0]?.failure).toBe('The file is a PDF document.')
    })
    expect(recall(owner)).toEqual([])
  })

  it('goes on where it stopped when a person tries again', async () => {
    world.answers = [200, 404, 404]
    const { result, onReady } = open()
    act(() => {
      result.current.add([file])
    })
    await until(() => {
      expect(result.current.uploads[0]?.failure).toBeDefined()
    })
    act(() => {
      const upload = result.current.uploads[0]
      if (upload) result.current.retry(upload)
    })
    await until(() => {
      expect(onReady).toHaveBeenCalledOnce()
    })
    expect(world.made).toBe(1)
  })

  it('discards an interrupted upload', async () => {
    world.hold = true
    const first = open()
    act(() => {
      first.result.current.add([file])
    })
    await until(() => {
      expect(world.held).toHaveLength(3)
    })
    first.unmount()
    const second = open()
    await until(() => {
      expect(second.result.current.unfinished).toHaveLength(1)
    })
    act(() => {
      second.result.current.discard('med_1')
    })
    expect(second.result.current.unfinished).toEqual([])
    await until(() => {
      expect(world.files.size).toBe(0)
    })
  })
})
