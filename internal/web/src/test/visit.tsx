import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import { vi } from 'vitest'
import { askToSignIn, makeRouter } from '@/router'
import { whenSignedOut } from '@/services/client'
import { Stub } from './stub/server'
import { theme } from '@/theme/theme'

/** Opens the whole page at an address, with the stub behind it. Every request that changes something is noted. */
export function visit(path: string, stub = new Stub(window.location.origin)) {
  const changes: { method: string; path: string; key: string | undefined; body: unknown }[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url)
    const text = await request.text()
    const body: unknown = text ? JSON.parse(text) : undefined
    const headers = Object.fromEntries(request.headers)
    if (request.method !== 'GET' && !/\/(check|comments\/refresh)$/.test(url.pathname)) {
      changes.push({ method: request.method, path: url.pathname, key: headers['idempotency-key'], body })
    }
    const reply = stub.answer({
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      body,
      headers,
    })
    return new Response(reply.body === undefined ? null : JSON.stringify(reply.body), {
      status: reply.status,
      headers: { 'Content-Type': 'application/json', ...reply.headers },
    })
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const router = makeRouter(client, createMemoryHistory({ initialEntries: [path] }))
  whenSignedOut(() => {
    askToSignIn(router, client)
  })
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <Notifications />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  )
  return { stub, router, changes }
}
