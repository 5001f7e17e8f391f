const id = 'announcer'

/** Where announcements are put. It is on every page, since a region that appears with its text is not read. */
export function LiveRegion() {
  return <div id={id} role="status" aria-live="polite" className="visually-hidden" />
}

/** Has a sentence read aloud. */
export function announce(sentence: string) {
  const region = document.getElementById(id)
  if (region) region.textContent = sentence
}
