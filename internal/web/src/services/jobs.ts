import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Job = components['schemas']['Job']
export type JobState = Job['state']
export type JobDetail = components['schemas']['JobHistory']
export type JobProblem = components['schemas']['JobProblem']
export type TimelineEntry = components['schemas']['TimelineEntry']
export type PostedCandidate = components['schemas']['Candidate']

const at = (id: string) => ({ params: { path: { job_id: id } } })

/** One target with everything that happened to it. version makes it fresh whenever the post says it changed. */
export const jobQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ['jobs', id, version],
    queryFn: ({ signal }) => take(api.GET('/v1/jobs/{job_id}', { ...at(id), signal })),
    placeholderData: keepPreviousData,
  })

/** What is on the platform since the post was accepted, for a person to recognise. */
export const candidatesQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', id, 'candidates'],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/v1/jobs/{job_id}/candidates', { ...at(id), signal }))).items,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export const retryJob = (id: string) => take(api.POST('/v1/jobs/{job_id}/retry', at(id)))

export const cancelJob = (id: string) => take(api.POST('/v1/jobs/{job_id}/cancel', at(id)))

/** The decision about a job of which nobody knows whether it reached the platform. */
export type Decision =
  { outcome: 'there'; external_id?: string; permalink?: string } | { outcome: 'post_again' }

export const resolveJob = (id: string, decision: Decision) =>
  take(api.POST('/v1/jobs/{job_id}/resolve', { ...at(id), body: decision }))

/** Takes the published post off the platform. */
export async function deletePublished(id: string): Promise<void> {
  await take(api.POST('/v1/jobs/{job_id}/delete', at(id)))
}

/** Changes the text of the published post on the platform. */
export const editPublished = (id: string, text: string) =>
  take(api.PATCH('/v1/jobs/{job_id}', { ...at(id), body: { text } }))
