// What is asked of the stub, and its answers.
export interface Call {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  headers: Record<string, string>
}

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export const json = (body: unknown, status = 200): Reply => ({ status, body })

export const gone = (): Reply =>
  json(
    {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
      class: 'not_found',
      instance: '',
      request_id: 'req_stub',
      action: { kind: 'none', label: '' },
    },
    404,
  )
