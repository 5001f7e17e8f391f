import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import { Problem } from './problem'
import type { components } from './schema'

export type Comment = components['schemas']['Comment']

export const commentFilters = ['unanswered', 'unread', 'all', 'hidden'] as const
export type CommentFilter = (typeof commentFilters)[number]

/** What people wrote below the accounts' posts, newest first. */
export const inboxQuery = (filter: CommentFilter, connection: string) =>
  infiniteQueryOptions({
    queryKey: ['comments', 'inbox', filter, connection],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/comments', {
          params: {
            query: {
              limit: 25,
              ...(filter === 'all' ? {} : { state: filter }),
              ...(connection ? { connection_id: connection } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: 15_000,
  })

/** Everything below one post, the account's own answers too, oldest first. */
export const threadQuery = (connection: string, post: string) =>
  queryOptions({
    queryKey: ['comments', 'thread', connection, post],
    queryFn: async ({ signal }) =>
      (
        await take(
          api.GET('/v1/comments', {
            params: { query: { connection_id: connection, post_id: post, limit: 100 } },
            signal,
          }),
        )
      ).items,
    refetchInterval: 15_000,
  })

/** Asks the platform for the comments on a published target, and keeps them. */
export const refreshComments = (jobId: string) =>
  take(api.POST('/v1/jobs/{job_id}/comments/refresh', { params: { path: { job_id: jobId } } }))

const at = (c: Comment) => ({ connection_id: c.connection_id, comment_id: c.id })

/** Answers a comment. The key makes a repetition safe: with the same key the answer is written once. */
export const reply = (c: Comment, text: string, key: string) =>
  take(
    api.POST('/v1/comments/{connection_id}/{comment_id}/reply', {
      params: { path: at(c), header: { 'Idempotency-Key': key } },
      body: { text },
    }),
  )

/** The platform has not said whether it has the answer: Herald asks it when the same is sent again. */
export function isOpen(error: unknown): error is Problem {
  return error instanceof Problem && error.class === 'transient' && error.retryAfter > 0
}

export const hideComment = (c: Comment) =>
  take(api.POST('/v1/comments/{connection_id}/{comment_id}/hide', { params: { path: at(c) } }))

export const unhideComment = (c: Comment) =>
  take(api.POST('/v1/comments/{connection_id}/{comment_id}/unhide', { params: { path: at(c) } }))

export const readComment = (c: Comment) =>
  take(api.POST('/v1/comments/{connection_id}/{comment_id}/read', { params: { path: at(c) } }))

export const unreadComment = (c: Comment) =>
  take(api.POST('/v1/comments/{connection_id}/{comment_id}/unread', { params: { path: at(c) } }))

/** Nobody of the workspace has read it, as far as anybody has said. */
export const isUnread = (c: Comment) => !c.own && !c.read_at && !c.answered_at

/** Removes a comment from the platform. */
export async function deleteComment(c: Comment): Promise<void> {
  await take(api.POST('/v1/comments/{connection_id}/{comment_id}/delete', { params: { path: at(c) } }))
}
