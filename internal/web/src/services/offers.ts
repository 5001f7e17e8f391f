import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Offer = components['schemas']['Offer']
export type Notice = components['schemas']['Notice']

const minutes = 60_000

/** What an account takes at the moment. The platform is asked, so only where it has something to say about accounts. */
export const offerQuery = (id: string) =>
  queryOptions({
    queryKey: ['connections', id, 'offer'],
    queryFn: () =>
      take(
        api.POST('/v1/connections/{connection_id}/offer/refresh', {
          params: { path: { connection_id: id } },
        }),
      ),
    staleTime: 4 * minutes,
    refetchInterval: 5 * minutes,
    retry: 1,
  })
