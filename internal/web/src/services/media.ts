import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Media = components['schemas']['Media']
export type MediaUse = components['schemas']['MediaUse']
export type MediaParts = components['schemas']['MediaParts']
export type SignedPart = components['schemas']['SignedPart']
export type MediaKind = 'all' | 'image' | 'video' | 'document'

const at = (id: string) => ({ params: { path: { media_id: id } } })

/** Announces a file. The key makes a repetition safe: the same key gives the same file. */
export async function createMedia(file: File, key: string, signal: AbortSignal): Promise<Media> {
  const body = { name: file.name, type: file.type, bytes: file.size }
  return take(api.POST('/v1/media', { params: { header: { 'Idempotency-Key': key } }, body, signal }))
}

/** Which parts of a file have arrived. */
export async function arrivedParts(id: string, signal?: AbortSignal): Promise<MediaParts> {
  return take(api.GET('/v1/media/{media_id}/parts', { ...at(id), signal: signal ?? null }))
}

/** Where some parts of a file are to be sent. */
export async function signParts(id: string, numbers: number[], signal: AbortSignal): Promise<SignedPart[]> {
  return (await take(api.POST('/v1/media/{media_id}/parts', { ...at(id), body: { numbers }, signal }))).parts
}

/** Has the uploaded file read and checked; the answer says what it really is. It may be repeated. */
export async function completeMedia(id: string, signal: AbortSignal): Promise<Media> {
  return take(api.POST('/v1/media/{media_id}/complete', { ...at(id), signal }))
}

/** Deletes a file, or stops its upload. */
export async function deleteMedia(id: string): Promise<void> {
  await take(api.DELETE('/v1/media/{media_id}', at(id)))
}

/** Says what a file shows. */
export async function describeMedia(id: string, alt: string): Promise<Media> {
  return take(api.PATCH('/v1/media/{media_id}', { ...at(id), body: { alt } }))
}

/** The library, newest first. */
export const libraryQuery = (type: MediaKind, q: string) =>
  infiniteQueryOptions({
    queryKey: ['media', 'list', type, q],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/media', {
          params: {
            query: { type, limit: 24, ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
  })

/** The posts a file is attached to, newest first. */
export const usesQuery = (id: string) =>
  queryOptions({
    queryKey: ['media', 'uses', id],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/v1/media/{media_id}/uses', { ...at(id), signal }))).items,
  })

const names: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/gif': 'GIF',
  'image/webp': 'WebP',
  'image/bmp': 'BMP',
  'image/tiff': 'TIFF',
  'video/mp4': 'MP4',
  'video/quicktime': 'MOV',
  'application/pdf': 'PDF',
  'application/msword': 'DOC',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'DOCX',
  'application/vnd.ms-powerpoint': 'PPT',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PPTX',
}

/** What people call a MIME type. */
export function nameOfType(type: string): string {
  return names[type] ?? type
}

/** Where a ready file can be looked at. */
export function mediaURL(id: string): string {
  return `/v1/media/${encodeURIComponent(id)}/content`
}
