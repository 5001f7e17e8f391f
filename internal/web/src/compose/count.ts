/** How platforms count a text's length; see connector.Unit on the Go side. */
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function count(text: string, unit: string): number {
  switch (unit) {
    case 'graphemes': {
      let n = 0
      for (const _ of segmenter.segment(text)) n++
      return n
    }
    case 'code_points':
      return [...text].length
    case 'bytes':
      return new TextEncoder().encode(text).length
    default: // utf16_units
      return text.length
  }
}

/** A text's length as a kind of post counts it: what is sent with an escape before it counts one more. */
export function textLength(text: string, limit: { unit: string; doubled?: string }): number {
  const doubled = limit.doubled ?? ''
  return count(text, limit.unit) + [...text].filter((c) => doubled.includes(c)).length
}

/** What one unit is called in a sentence. */
export function unitName(unit: string): string {
  return unit === 'bytes' ? 'bytes' : 'characters'
}
