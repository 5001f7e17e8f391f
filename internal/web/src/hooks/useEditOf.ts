import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { draftOf, isEmpty, type Draft } from '@/compose/draft'
import { postQuery } from '@/services/posts'

/**
 * Begins a draft with what a post had. An empty draft is replaced at once; for one with content conflict asks the
 * person. Afterwards the address is the plain one again, so that a reload does not begin anew.
 */
export function useEditOf(
  from: string | undefined,
  target: string | undefined,
  draft: Draft,
  change: (next: Partial<Draft>) => void,
) {
  const navigate = useNavigate()
  const post = useQuery({ ...postQuery(from ?? ''), enabled: from !== undefined, refetchInterval: false })
  const asked = from !== undefined && post.data !== undefined
  const empty = isEmpty(draft)

  const keep = () => void navigate({ to: '/compose', search: {}, replace: true })
  const replace = () => {
    if (!post.data) return
    change(draftOf(post.data, target))
    keep()
  }

  useEffect(() => {
    if (asked && empty) replace()
    // Only the arrival of the post counts; what is typed afterwards must not start it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked])

  return { conflict: asked && !empty, replace, keep, error: from === undefined ? null : post.error }
}
