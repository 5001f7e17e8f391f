import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { Connection } from './connections'
import type { components } from './schema'

export type Grant = components['schemas']['Grant']
export type Candidate = components['schemas']['GrantAccount']

/** What one consent on a platform reaches, until the person has picked. */
export const grantQuery = (id: string) =>
  queryOptions({
    queryKey: ['grants', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/oauth/grants/{grant_id}', { params: { path: { grant_id: id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY, // it never changes, it only ends
    retry: false,
  })

/** Links accounts; a reconnected one leaves what waited for it to resumeConnection. */
export async function linkAccounts(
  grantId: string,
  candidateIds: string[],
  ask: boolean,
): Promise<Connection[]> {
  const body = { grant_id: grantId, candidate_ids: candidateIds, ...(ask ? { resume: 'ask' as const } : {}) }
  return (await take(api.POST('/v1/connections', { body }))).items
}
