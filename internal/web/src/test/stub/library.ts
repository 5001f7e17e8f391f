import type { Media, MediaUse } from '../../services/media'
import { json, type Call, type Reply } from './reply.ts'

const refuse = (status: number, detail: string, kind: string): Reply =>
  json({ title: 'No', detail, status, class: kind, request_id: 'req_stub' }, status)

/** The files of the workspace, and what is uploaded while the page is looked at. */
export class Library {
  files: Media[]
  uses: Record<string, MediaUse[]>
  private arrived = new Map<string, Set<number>>()
  private data = new Map<string, unknown>()

  constructor(
    readonly origin: string,
    now: Date,
  ) {
    const at = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
    const file = (id: string, name: string, more: Partial<Media> = {}): Media => ({
      id,
      name,
      type: 'image/jpeg',
      bytes: 2_412_000,
      state: 'ready',
      alt: '',
      width: 1600,
      height: 1200,
      created_at: at(3),
      ...more,
    })
    const clip = { type: 'video/mp4', codec: 'avc1', frame_rate: 29.97 }
    this.files = [
      file('med_a', 'knots.jpg', { alt: 'A tray of cinnamon knots', created_at: at(0.1) }),
      file('med_b', 'oven-door-one-cut-for-reels.mp4', {
        ...clip,
        bytes: 38_400_000,
        width: 1080,
        height: 1920,
        duration_ms: 42_000,
        created_at: at(0.5),
      }),
      file('med_c', 'terrace in the morning sun.webp', { type: 'image/webp', bytes: 812_000 }),
      file('med_d', 'steam.gif', {
        type: 'image/gif',
        bytes: 5_120_000,
        width: 480,
        height: 480,
        animated: true,
      }),
      file('med_e', 'advent-film.mov', {
        ...clip,
        type: 'video/quicktime',
        bytes: 1_840_000_000,
        duration_ms: 312_000,
      }),
      file('med_f', 'menu.png', { type: 'image/png', bytes: 411_000, width: 1080, height: 1350 }),
      file('med_h', 'winter menu.pdf', {
        type: 'application/pdf',
        bytes: 1_900_000,
        width: undefined,
        height: undefined,
        pages: 12,
        created_at: at(0.7),
      }),
      file('med_g', 'old-sign.jpg', { state: 'deleting', created_at: at(200) }),
    ]
    const usedBy = (post_id: string, text: string, state: MediaUse['state'], needs: boolean): MediaUse => ({
      post_id,
      text,
      state,
      needs,
      publish_at: at(needs ? -2 : 2),
    })
    this.uses = {
      med_a: [
        usedBy('pst_sched', 'Door one: our cinnamon knots, half price until noon.', 'scheduled', true),
        usedBy('pst_done', 'The first knots of the year are out.', 'published', false),
      ],
    }
  }

  read({ query }: Call, id: string, verb: string): Reply {
    const found = this.files.find((f) => f.id === id)
    if (!id) return this.list(query)
    if (verb === 'content') {
      return {
        status: 200,
        body: this.data.get(id) ?? picture(id),
        headers: { 'Content-Type': this.data.has(id) ? (found?.type ?? '') : 'image/svg+xml' },
      }
    }
    if (!found) return refuse(404, 'There is no such file in this workspace.', 'not_found')
    if (verb === 'uses') return json({ items: this.uses[id] ?? [] })
    if (verb === 'parts') {
      if (found.state !== 'uploading') return refuse(409, 'The upload of this file is complete.', 'conflict')
      const { part_bytes, parts, expires_at } = found
      return json({
        part_bytes,
        parts,
        expires_at,
        arrived: [...(this.arrived.get(id) ?? [])].sort((a, b) => a - b),
      })
    }
    return json(found)
  }

  change({ method, body }: Call, id: string, verb: string): Reply {
    const found = this.files.find((f) => f.id === id)
    if (method === 'POST' && !id) return this.announce(body as Pick<Media, 'name' | 'type' | 'bytes'>)
    if (!found) return refuse(404, 'There is no such file in this workspace.', 'not_found')
    if (method === 'DELETE') {
      if (this.uses[id]?.some((u) => u.needs))
        return refuse(409, 'A post that is not finished needs this file.', 'conflict')
      this.files = this.files.filter((f) => f !== found)
      return { status: 204 }
    }
    if (method === 'PATCH') return json(Object.assign(found, { alt: (body as { alt: string }).alt.trim() }))
    if (verb === 'parts') {
      const parts = (body as { numbers: number[] }).numbers.map((number) => ({
        number,
        url: `${this.origin}/v1/stub-upload/${id}.${String(number)}`,
        method: 'PUT',
        headers: { 'Content-Length': '1' },
      }))
      return json({ parts, expires_at: new Date(Date.now() + 900_000).toISOString() })
    }
    const { part_bytes: _, parts: __, expires_at: ___, ...rest } = found
    this.files = [
      { ...rest, state: 'ready', width: 1600, height: 1200 },
      ...this.files.filter((f) => f !== found),
    ]
    return json(this.files[0])
  }

  /** Takes a part; its place is named by file and number. */
  receive(place: string, body: unknown): Reply {
    const [id = '', number] = place.split('.')
    this.arrived.set(id, new Set([...(this.arrived.get(id) ?? []), Number(number)]))
    if (number === '1') this.data.set(id, body)
    return { status: 200 }
  }

  private announce(body: Pick<Media, 'name' | 'type' | 'bytes'>): Reply {
    const made: Media = {
      ...body,
      id: `med_${String(this.files.length + 1)}`,
      state: 'uploading',
      alt: '',
      created_at: new Date().toISOString(),
      part_bytes: 8 << 20,
      parts: Math.ceil(body.bytes / (8 << 20)),
      expires_at: new Date(Date.now() + 86_400_000).toISOString(),
    }
    this.files.push(made)
    return json(made, 201)
  }

  private list(query: URLSearchParams): Reply {
    const type = query.get('type') ?? 'all'
    const q = (query.get('q') ?? '').toLowerCase()
    const items = this.files.filter(
      (f) =>
        f.state !== 'uploading' &&
        (type === 'all' || f.type.startsWith(type === 'document' ? 'application/' : `${type}/`)) &&
        `${f.name} ${f.alt}`.toLowerCase().includes(q),
    )
    return json({ items })
  }
}

/** A drawn picture for what has none. */
function picture(id: string): string {
  const [, letters, colour] = /^avatar-(.+)-(\w+)$/.exec(id) ?? []
  if (letters) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="#${colour ?? '888'}"/><text x="40" y="51" font-family="sans-serif" font-size="32" fill="#fff" text-anchor="middle">${letters}</text></svg>`
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="400" height="300" fill="#e7c9a0"/><circle cx="290" cy="90" r="46" fill="#f6ead5"/><path d="M0 300V210q90-70 180-10t220-30v130z" fill="#a8643c"/><path d="M0 300v-40q120-50 220 0t180-20v60z" fill="#6d3f28"/></svg>`
}
