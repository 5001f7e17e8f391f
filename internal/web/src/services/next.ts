/** The place to go on to, taken from an address or an answer: only ever one of our own paths. */
export function safeNext(next: string | undefined, otherwise = '/posts'): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return otherwise
  return next
}
