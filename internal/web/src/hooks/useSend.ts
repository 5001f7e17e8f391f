import { useMutation } from '@tanstack/react-query'
import { keyOf, plannedAt, requestOf, type Draft } from '@/compose/draft'
import { createPost, isUnsure, type Post, type PostInput } from '@/services/posts'
import { Problem, type FieldProblem } from '@/services/problem'

interface Options {
  draft: Draft
  zone: string
  change: (next: Partial<Draft>) => void
  onSent: (post: Post) => void
}

const none: FieldProblem[] = []

/**
 * Sends a draft at most once. The key goes with the content (see keyOf), so repeating after a lost answer is safe and
 * happens by itself a few times. Before anything is sent the draft remembers the key; it forgets it when an answer
 * came. So a draft that still has one was sent into silence, and changing it might make a second post.
 */
export function useSend({ draft, zone, change, onSent }: Options) {
  const send = useMutation({
    mutationFn: ({ body, key }: { body: PostInput; key: string }) => createPost(body, key),
    networkMode: 'always', // offline is told at once instead of sending later behind the person's back
    retry: (failures, error) => failures < 3 && isUnsure(error),
    retryDelay: (failures) => 1000 * 2 ** failures,
    onSuccess: onSent,
    onError: (error) => {
      if (!isUnsure(error)) change({ unconfirmed: undefined })
    },
  })
  const key = keyOf(draft, zone)
  const current = send.variables?.key === key

  return {
    /** Sends the draft as it is. Without a time that exists a planned post is not sent: it would go out at once. */
    send: () => {
      if (send.isPending || (draft.when === 'later' && !plannedAt(draft, zone))) return
      change({ unconfirmed: key })
      send.mutate({ body: requestOf(draft, zone), key })
    },
    sending: send.isPending,
    /** What the last try of this very content ended with. */
    error: current ? send.error : null,
    /** The fields the API refused, until the content changes. */
    refused: current && send.error instanceof Problem ? send.error.errors : none,
    /** This very content was sent into silence: sending it again is safe. */
    repeatable: !send.isPending && draft.unconfirmed === key,
    /** Other content was: it may have arrived, and this would be a second post. */
    changedSince: !send.isPending && draft.unconfirmed !== undefined && draft.unconfirmed !== key,
  }
}
