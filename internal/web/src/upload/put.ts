import { Problem, Unreachable } from '@/services/problem'
import type { SignedPart } from '@/services/media'

/**
 * Sends one part to its place. XMLHttpRequest, because fetch does not tell how much is sent. progress gets bytes.
 * Aborting rejects with an AbortError.
 */
export function putPart(
  part: SignedPart,
  bytes: Blob,
  progress: (sent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => {
      reject(new DOMException('The upload was cancelled.', 'AbortError'))
    }
    if (signal.aborted) {
      gone()
      return
    }
    const request = new XMLHttpRequest()
    request.open(part.method, part.url)
    for (const [name, value] of Object.entries(part.headers)) {
      if (!browsersOwn.has(name.toLowerCase())) request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => {
      progress(event.loaded)
    }
    const abort = () => {
      request.abort()
    }
    const end = (settle: () => void) => () => {
      signal.removeEventListener('abort', abort)
      settle()
    }
    request.onload = end(() => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(new Problem(request.status, { detail: 'The file could not be stored. Try again.' }))
    })
    request.onerror = end(() => {
      reject(new Unreachable())
    })
    request.ontimeout = request.onerror
    request.onabort = end(gone)
    request.timeout = 10 * 60_000 // a part that hangs is sent again
    signal.addEventListener('abort', abort)
    request.send(bytes)
  })
}

// The browser sets these itself and refuses ours.
const browsersOwn = new Set(['content-length', 'host'])
