import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { compress } from './build/compress.ts'
import { scheme } from './build/scheme.ts'

const api = process.env.HERALD_API ?? 'http://localhost:8080'

export default defineConfig(async ({ mode }) => ({
  plugins: [
    react(),
    scheme(),
    compress(),
    mode === 'stub' ? (await import('./src/test/stub/plugin.ts')).stub() : [],
  ],
  resolve: {
    alias: {
      '@': new URL('./src', import.meta.url).pathname,
      // rjsf's index imports its Ajv validator for its own tests. Ours needs no eval: see OptionsForm.
      '@rjsf/validator-ajv8': new URL('./build/nothing.ts', import.meta.url).pathname,
    },
  },
  server: {
    port: 5173,
    ...(mode === 'stub' ? {} : { proxy: { '/v1': { target: api, headers: { origin: api } } } }),
  },
  build: {
    target: 'es2022',
    rolldownOptions: { input: { index: 'index.html', docs: 'docs/index.html' } },
    chunkSizeWarningLimit: 1700, // the API reference, which only /docs loads
  },
  test: {
    environment: 'jsdom',
    setupFiles: 'src/test/setup.ts',
    restoreMocks: true,
    testTimeout: 60_000, // whole pages on a busy machine
    css: false,
    server: { deps: { inline: [/@rjsf\//] } }, // so that the alias above holds inside it
  },
}))
