import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const text = /\.(js|css|svg|json|txt)$/

/**
 * Keeps each text file of the build only as name.gz: the Go side embeds one copy and unpacks it for the rare
 * client without gzip. HTML stays as it is, since the server completes it per request. .keep lets the Go
 * package compile from a fresh checkout, so it is put back after Vite emptied the folder.
 */
export function compress(): Plugin {
  return {
    name: 'herald-compress',
    apply: 'build',
    closeBundle: {
      sequential: true,
      order: 'post',
      handler() {
        walk('dist')
        writeFileSync('dist/.keep', '')
      },
    },
  }
}

function walk(folder: string) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (statSync(file).isDirectory()) walk(file)
    else if (text.test(name)) {
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }))
      rmSync(file)
    }
  }
}
