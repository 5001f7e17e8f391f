import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import { Problem, Unreachable, type FieldProblem } from './problem'
import type { Job } from './jobs'
import type { components } from './schema'

export type Post = components['schemas']['Post']
export type PostInput = components['schemas']['NewPost']
export type PostState = Post['state']

/** What the list can be narrowed to, in the order in which it is offered. */
export const postFilters = ['needs_you', 'scheduled', 'active', 'published', 'failed', 'all'] as const
export type PostFilter = (typeof postFilters)[number]

const moving = new Set<Job['state']>(['queued', 'running', 'waiting'])

/** Its state can change at any moment without anybody doing something. */
export function isMoving(post: Post, now = Date.now()): boolean {
  return post.jobs.some(
    (j) => moving.has(j.state) || (j.state === 'scheduled' && Date.parse(j.publish_at) - now < 5000),
  )
}

/** How long until the next look, in milliseconds; the query client does not ask while the page is hidden. */
export function pollEvery(posts: Post[]): number {
  return posts.some((p) => isMoving(p)) ? 2000 : 15_000
}

export const postsQuery = (state: PostFilter) =>
  infiniteQueryOptions({
    queryKey: ['posts', 'list', state],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/posts', {
          params: { query: { state, limit: 25, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: (query) => pollEvery(query.state.data?.pages.flatMap((p) => p.items) ?? []),
  })

/** How many posts wait for a person, counted to 100. */
export const needsYouQuery = queryOptions({
  queryKey: ['posts', 'needs-you'],
  queryFn: async ({ signal }) => {
    const query = { state: 'needs_you', limit: 100 } as const
    return (await take(api.GET('/v1/posts', { params: { query }, signal }))).items.length
  },
  refetchInterval: 15_000,
})

/** The newest posts of a filter, for the notices. */
export const attentionQuery = (state: 'needs_you' | 'failed') =>
  queryOptions({
    queryKey: ['posts', 'attention', state],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/v1/posts', { params: { query: { state, limit: 25 } }, signal }))).items,
    refetchInterval: 30_000,
  })

export const postQuery = (id: string) =>
  queryOptions({
    queryKey: ['posts', 'one', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/posts/{post_id}', { params: { path: { post_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data ? pollEvery([query.state.data]) : 15_000),
  })

/** What the platforms would refuse, without sending anything. */
export async function checkPost(body: PostInput, signal: AbortSignal): Promise<FieldProblem[]> {
  return (await take(api.POST('/v1/posts/check', { body, signal }))).problems
}

/** Makes the post. The key makes a repetition safe: the same key and body give the same post. */
export async function createPost(body: PostInput, key: string): Promise<Post> {
  return take(api.POST('/v1/posts', { params: { header: { 'Idempotency-Key': key } }, body }))
}

/** After such a failure it is not known whether the post was made; sending the same again is safe. */
export function isUnsure(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  // A conflict is a twin of this very request that is still being worked on.
  return error instanceof Problem && (error.status >= 500 || error.class === 'conflict')
}

export async function cancelPost(id: string): Promise<Post> {
  return take(api.POST('/v1/posts/{post_id}/cancel', { params: { path: { post_id: id } } }))
}

export async function reschedulePost(id: string, at: Date): Promise<Post> {
  const body = { publish_at: at.toISOString() }
  return take(api.POST('/v1/posts/{post_id}/reschedule', { params: { path: { post_id: id } }, body }))
}
