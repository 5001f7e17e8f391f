import { Problem, Unreachable } from '@/services/problem'

const tries = 8
const longest = 30_000 // milliseconds

/** Another try of the same request can help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  return error instanceof Problem && (error.status >= 500 || error.status === 429 || error.retryAfter > 0)
}

/**
 * Does something that may be repeated until it works: up to eight tries, with growing pauses. While the browser is
 * offline it waits and counts nothing; waiting tells whether it waits.
 */
export async function again<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  waiting: (yes: boolean) => void = () => undefined,
): Promise<T> {
  for (let failed = 0; ;) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error
      const offline = !navigator.onLine
      if (!offline && ++failed >= tries) throw error
      const wanted = error instanceof Problem ? error.retryAfter * 1000 : 0
      waiting(true)
      await pause(offline ? undefined : Math.max(wanted, Math.min(500 * 2 ** failed, longest)), signal)
      waiting(false)
    }
  }
}

/** Waits so many milliseconds, or until the browser is online again, whichever comes first. */
function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(new DOMException('The upload was cancelled.', 'AbortError'))
      else resolve()
    }
    window.addEventListener('online', end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
