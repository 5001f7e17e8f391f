/** An upload that this browser began. A file is known again by its name, size and date; its bytes are not kept. */
export interface Begun {
  id: string // of the file
  name: string
  size: number
  modified: number // epoch ms
  until: number // epoch ms; then it has to be begun anew
}

const prefix = 'herald.uploads.'

/** What this person's uploads are, those that have not ended; owner is workspace and member, since browsers are shared. */
export function recall(owner: string, now = Date.now()): Begun[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(prefix + owner) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isBegun).filter((b) => b.until > now) : []
  } catch {
    return [] // storage is blocked, or holds something that is not ours
  }
}

export function remember(owner: string, begun: Begun) {
  store(owner, [...recall(owner).filter((b) => b.id !== begun.id), begun])
}

export function forget(owner: string, id: string) {
  store(
    owner,
    recall(owner).filter((b) => b.id !== id),
  )
}

/** The upload that was begun with this very file. */
export function begunWith(owner: string, file: File): Begun | undefined {
  return recall(owner).find(
    (b) => b.name === file.name && b.size === file.size && b.modified === file.lastModified,
  )
}

function store(owner: string, all: Begun[]) {
  try {
    if (all.length > 0) localStorage.setItem(prefix + owner, JSON.stringify(all))
    else localStorage.removeItem(prefix + owner)
  } catch {
    // storage is blocked: the upload works, it only cannot go on after a reload
  }
}

function isBegun(v: unknown): v is Begun {
  return (
    typeof v === 'object' &&
    v !== null &&
    'id' in v &&
    typeof v.id === 'string' &&
    'name' in v &&
    typeof v.name === 'string' &&
    'size' in v &&
    typeof v.size === 'number' &&
    'modified' in v &&
    typeof v.modified === 'number' &&
    'until' in v &&
    typeof v.until === 'number'
  )
}
