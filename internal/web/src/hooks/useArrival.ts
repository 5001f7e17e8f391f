import { useEffect } from 'react'

let last = window.location.pathname

/**
 * Called by a page's heading: the tab gets its name, and after a navigation the heading gets the focus, so that a
 * screen reader and the keyboard go on at the new page. On the first load the focus stays at the top, for the
 * skip link.
 */
export function useArrival(title: string, heading: { current: HTMLElement | null }) {
  useEffect(() => {
    document.title = `${title} · Herald`
  }, [title])
  useEffect(() => {
    if (window.location.pathname === last) return
    last = window.location.pathname
    heading.current?.focus({ preventScroll: true })
  }, [heading])
}
