import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type MetricReport = components['schemas']['MetricReport']
export type MetricValue = components['schemas']['MetricValue']
export type Period = '7d' | '28d'

// The API asks the platform at most every 15 minutes; more often there is nothing new.
const minutes = 5 * 60_000

/** The numbers of a published target. */
export const jobMetricsQuery = (id: string) =>
  queryOptions({
    queryKey: ['metrics', 'job', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/jobs/{job_id}/metrics', { params: { path: { job_id: id } }, signal })),
    staleTime: minutes,
    retry: false,
  })

/** The numbers of an account for the last days. */
export const accountMetricsQuery = (id: string, period: Period) =>
  queryOptions({
    queryKey: ['metrics', 'account', id, period],
    queryFn: ({ signal }) =>
      take(
        api.GET('/v1/connections/{connection_id}/metrics', {
          params: { path: { connection_id: id }, query: { period } },
          signal,
        }),
      ),
    staleTime: minutes,
    retry: false,
  })
