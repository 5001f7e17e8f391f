import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'vite'
import { Stub } from './server.ts'

/** `npm run stub`: the development server with made-up data instead of a backend. */
export function stub(): Plugin {
  return {
    name: 'herald-stub',
    configureServer(server) {
      const answers = new Map<string, Stub>()
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? '/', 'http://localhost')
        if (!url.pathname.startsWith('/v1/')) {
          next()
          return
        }
        // A browser context that sends ?… in this header has a world of its own.
        const world = String(request.headers['x-stub-world'] ?? '')
        const origin = `http://${request.headers.host ?? 'localhost'}`
        const stub = answers.get(world) ?? new Stub(origin)
        answers.set(world, stub)
        void read(request).then((raw) => {
          const isJSON = request.headers['content-type']?.includes('json')
          const reply = stub.answer({
            method: request.method ?? 'GET',
            path: url.pathname,
            query: url.searchParams,
            body: isJSON && raw.length > 0 ? JSON.parse(raw.toString()) : raw,
            headers: request.headers as Record<string, string>,
          })
          const binary = typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
          response.writeHead(reply.status, {
            'Content-Type': reply.status < 400 ? 'application/json' : 'application/problem+json',
            ...reply.headers,
          })
          response.end(
            binary ? reply.body : reply.body === undefined ? undefined : JSON.stringify(reply.body),
          )
        })
      })
    },
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
