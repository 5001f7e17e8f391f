import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { announce } from '@/components/LiveRegion'
import { jobWord } from '@/components/states'
import { connectionsQuery } from '@/services/connections'
import { needsYouQuery, type Post } from '@/services/posts'

/**
 * Tells a screen reader when a target's state changes while the page is open, and has the signs in the navigation
 * looked at again: a post may need somebody now, an account may be blocked.
 */
export function useJobChanges(posts: Post[]) {
  const queryClient = useQueryClient()
  const seen = useRef(new Map<string, string>())
  useEffect(() => {
    const changes: string[] = []
    for (const job of posts.flatMap((p) => p.jobs)) {
      const before = seen.current.get(job.id)
      if (before !== undefined && before !== job.state)
        changes.push(`${job.connection.name}: ${jobWord(job.state)}`)
      seen.current.set(job.id, job.state)
    }
    if (changes.length === 0) return
    announce(changes.join('. '))
    void queryClient.invalidateQueries({ queryKey: needsYouQuery.queryKey })
    void queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
  }, [posts, queryClient])
}
