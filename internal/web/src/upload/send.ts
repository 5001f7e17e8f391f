import { arrivedParts, completeMedia, signParts, type Media, type SignedPart } from '@/services/media'
import { Problem } from '@/services/problem'
import { again } from './again'
import { putPart } from './put'

const lanes = 4 // parts on their way at the same time
const batch = 16 // parts signed in one call
const fresh = 12 * 60_000 // how long a signed URL is used; it works for 15 minutes

interface Watch {
  progress: (bytes: number) => void // how much has arrived, of file.size
  waiting: (yes: boolean) => void // for the network
  signal: AbortSignal
}

/**
 * Sends what has not arrived of a file that was announced, and has it checked. It may be begun again at any time: what
 * is there is asked for first.
 */
export async function sendFile(id: string, file: File, { progress, waiting, signal }: Watch): Promise<Media> {
  const plan = await again(() => arrivedParts(id, signal), signal, waiting)
  const sizeOf = (n: number) => Math.min(plan.part_bytes, file.size - (n - 1) * plan.part_bytes)
  const there = new Set(plan.arrived)
  const todo = Array.from({ length: plan.parts }, (_, i) => i + 1).filter((n) => !there.has(n))
  const sent = new Map(plan.arrived.map((n) => [n, sizeOf(n)]))
  const tell = () => {
    progress([...sent.values()].reduce((a, b) => a + b, 0))
  }
  tell()

  // One failed lane stops the others.
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const places = signer(id, todo, either)
  const one = async (n: number) => {
    const from = (n - 1) * plan.part_bytes
    const bytes = file.slice(from, from + sizeOf(n))
    await again(
      async () => {
        try {
          const report = (done: number) => {
            sent.set(n, Math.min(done, bytes.size))
            tell()
          }
          await putPart(await places(n), bytes, report, either)
          report(bytes.size)
        } catch (error) {
          sent.delete(n)
          tell()
          if (!(error instanceof Problem) || error.status !== 403) throw error
          places.drop(n) // its time has run out: the next try has a new one
          throw new Problem(503, { detail: error.message })
        }
      },
      either,
      waiting,
    )
  }
  let next = 0
  const lane = async () => {
    for (let n = todo[next++]; n !== undefined; n = todo[next++]) await one(n)
  }
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, todo.length) }, lane))
  } catch (error) {
    stop.abort()
    throw error
  }
  return again(() => completeMedia(id, signal), signal, waiting)
}

/** Gives the places of parts, signed some at a time and shortly before they are needed. */
function signer(id: string, todo: number[], signal: AbortSignal) {
  const known = new Map<number, { at: number; place: Promise<SignedPart> }>()
  const usable = (n: number) => {
    const k = known.get(n)
    return k !== undefined && Date.now() - k.at < fresh
  }
  const place = async (n: number): Promise<SignedPart> => {
    if (!usable(n)) {
      const from = todo.indexOf(n)
      const numbers = todo.slice(from, from + batch).filter((m) => m === n || !usable(m))
      const all = signParts(id, numbers, signal)
      for (const m of numbers) {
        const one = all.then((parts) => {
          const found = parts.find((p) => p.number === m)
          if (!found) throw new Problem(502, { detail: 'The file could not be stored. Try again.' })
          return found
        })
        one.catch(() => {
          known.delete(m) // asked for again by whoever needs it
        })
        known.set(m, { at: Date.now(), place: one })
      }
    }
    const k = known.get(n)
    if (!k) throw new Problem(503, {})
    return k.place
  }
  return Object.assign(place, {
    drop: (n: number) => {
      known.delete(n)
    },
  })
}
