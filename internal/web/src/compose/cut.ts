/** The part of a text that a reader sees before asking for more: at most so many lines and characters. */
export function cut(text: string, limit: { lines: number; chars: number }): { shown: string; more: boolean } {
  const trimmed = text.trimEnd()
  const lines = trimmed.split('\n')
  let shown = lines.slice(0, limit.lines).join('\n')
  const characters = [...shown]
  if (characters.length > limit.chars) {
    const part = characters.slice(0, limit.chars).join('')
    const word = part.search(/\s\S*$/) // not in the middle of a word, if it has a beginning here
    shown = word > part.length / 2 ? part.slice(0, word) : part
  }
  const more = shown.trimEnd().length < trimmed.length
  return { shown: more ? shown.replace(/[\s.,;:]+$/, '') : shown, more }
}
