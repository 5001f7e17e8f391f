import type { PostKind } from '@/services/platforms'
import { nameOfType } from '@/services/media'
import { fileSize } from '@/time/format'
import { schemaNow, type Schema } from './options'

type FileLimit = NonNullable<PostKind['media']['files']>[number]

/** One limit in words, and where it is written. */
export interface Limit {
  text: string
  source: string | undefined
}

const number = (n: number) => n.toLocaleString('en')

const units: Record<string, string> = {
  graphemes: 'characters',
  utf16_units: 'characters (UTF-16 units)',
  code_points: 'characters (code points)',
  bytes: 'bytes',
}

/** How long a text may be. */
export function textLimit({ text }: PostKind): Limit {
  const words = text.none
    ? ['No text']
    : [
        text.required ? 'Required' : 'Optional',
        text.max > 0 && `at most ${number(text.max)} ${units[text.unit] ?? text.unit}`,
        text.doubled && `${[...text.doubled].join(' ')} count twice`,
        text.max_hashtags && `${number(text.max_hashtags)} hashtags`,
        text.max_mentions && `${number(text.max_mentions)} mentions`,
      ]
  return { text: words.filter(Boolean).join(', '), source: text.source }
}

/** How many files there may be. */
export function countLimit({ media }: PostKind): Limit {
  const { min, max } = media
  const text =
    max === 0
      ? 'No files'
      : min === max
        ? `${number(max)} ${max === 1 ? 'file' : 'files'}`
        : min === 0
          ? `Up to ${number(max)} ${max === 1 ? 'file' : 'files'}`
          : `${number(min)} to ${number(max)} files`
  return { text, source: media.source }
}

/** What each sort of file may be. */
export function fileLimits({ media }: PostKind): Limit[] {
  return (media.files ?? []).map((f) => ({ text: fileWords(f), source: f.source }))
}

function fileWords(f: FileLimit): string {
  const seconds = (ms: number) =>
    ms >= 120_000 ? `${number(Math.round(ms / 6000) / 10)} min` : `${number(ms / 1000)} s`
  const words = [
    f.types.map(nameOfType).join(', '),
    f.min_bytes && `at least ${fileSize(f.min_bytes)}`,
    f.max_bytes && `at most ${fileSize(f.max_bytes)}`,
    f.max_duration_ms &&
      (f.min_duration_ms
        ? `${seconds(f.min_duration_ms)} to ${seconds(f.max_duration_ms)}`
        : `at most ${seconds(f.max_duration_ms)}`),
    f.max_pages && `at most ${number(f.max_pages)} pages`,
    (f.min_width || f.min_height) && `from ${number(f.min_width ?? 0)} × ${number(f.min_height ?? 0)} pixels`,
    f.max_width && `at most ${number(f.max_width)} pixels wide`,
    f.max_pixels && `at most ${number(Math.round(f.max_pixels / 100_000) / 10)} megapixels`,
    (f.min_ratio || f.max_ratio) && ratio(f),
    (f.min_frame_rate || f.max_frame_rate) &&
      `${number(f.min_frame_rate ?? 0)} to ${number(f.max_frame_rate ?? 0)} pictures a second`,
    f.max_alt && `description at most ${number(f.max_alt)} characters`,
    f.no_alt && 'no description',
  ]
  return words.filter(Boolean).join(', ')
}

function ratio(f: FileLimit): string {
  const of = (v: number | undefined) => number(Math.round((v ?? 0) * 1000) / 1000)
  return f.max_ratio
    ? `${of(f.min_ratio)} to ${of(f.max_ratio)} wide for 1 high`
    : `from ${of(f.min_ratio)} wide for 1 high`
}

/** What else a person can say about such a post: the titles of its options. */
export function optionTitles({ options }: PostKind): string[] {
  if (!options) return []
  const { required = [] } = options as Schema
  return Object.entries((options as Schema).properties ?? schemaNow(options, {}).properties ?? {})
    .filter(([, p]) => p.deprecated !== true)
    .map(([name, p]) => (p.title ?? name) + (required.includes(name) ? ' (needed)' : ''))
}
