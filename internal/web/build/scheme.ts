import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/**
 * Puts src/theme/scheme.js before everything else in the page's head, as a file with a hashed name: it decides
 * light or dark before the first paint, and the policy allows no inline script.
 */
export function scheme(): Plugin {
  const source = () => readFileSync('src/theme/scheme.js', 'utf8')
  let reference = ''
  return {
    name: 'herald-scheme',
    buildStart() {
      if (this.environment.mode === 'build')
        reference = this.emitFile({ type: 'asset', name: 'scheme.js', source: source() })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, context) {
        if (context.path.includes('docs')) return []
        const built = context.bundle !== undefined
        const src = built
          ? `/${Object.values(context.bundle ?? {}).find((f) => f.fileName.includes('/scheme-'))?.fileName ?? ''}`
          : '/src/theme/scheme.js'
        if (built && reference === '') throw new Error('scheme.js was not emitted')
        return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }]
      },
    },
  }
}
