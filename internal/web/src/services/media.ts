import { api, take } from './client'
import { Problem, Unreachable } from './problem'
import type { components } from './schema'

export type Media = components['schemas']['Media']
type Target = NonNullable<Media['upload']>

/** Asks for a place to put a file. */
export async function createMedia(file: File, signal: AbortSignal): Promise<Media> {
  const body = { name: file.name, type: file.type, bytes: file.size }
  return take(api.POST('/v1/media', { body, signal }))
}

/** Has the uploaded file read and checked; the answer says what it really is. */
export async function completeMedia(id: string, signal: AbortSignal): Promise<Media> {
  return take(api.POST('/v1/media/{media_id}/complete', { params: { path: { media_id: id } }, signal }))
}

/** Where a ready file can be looked at. */
export function mediaURL(id: string): string {
  return `/v1/media/${encodeURIComponent(id)}/content`
}

/**
 * Sends a file's bytes to its place. XMLHttpRequest, because fetch does not tell how much is sent.
 * progress gets 0 to 1. Aborting rejects with an AbortError.
 */
export function putFile(
  target: Target,
  file: File,
  progress: (part: number) => void,
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
    request.open(target.method || 'PUT', target.url)
    for (const [name, value] of Object.entries(target.headers)) {
      if (!browsersOwn.has(name.toLowerCase())) request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total)
    }
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(new Problem(request.status, { detail: refused(request.status), class: 'transient' }))
    }
    request.onerror = () => {
      reject(new Unreachable())
    }
    request.onabort = gone
    signal.addEventListener('abort', () => {
      request.abort()
    })
    request.send(file)
  })
}

// The browser sets these itself and refuses ours.
const browsersOwn = new Set(['content-length', 'host'])

// What a bucket answers is XML for a developer; a person needs to know only whether another try can help.
function refused(status: number): string {
  return status === 403
    ? 'The time for this upload has run out. Try again.'
    : 'The file could not be stored. Try again.'
}
