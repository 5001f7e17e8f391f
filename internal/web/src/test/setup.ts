import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

afterEach(cleanup)

// A busy machine is slow; what never comes is still found out.
configure({ asyncUtilTimeout: 5000 })

// jsdom has no layout and no object URLs; what asks for them gets the least that works.
Object.assign(window, {
  matchMedia: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
})
Object.assign(Element.prototype, { scrollIntoView: () => undefined })
Object.assign(URL, { createObjectURL: () => 'blob:preview', revokeObjectURL: () => undefined })
Object.defineProperty(document, 'fonts', { value: new EventTarget() })
