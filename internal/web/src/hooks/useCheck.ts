import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { checkPost, type PostInput } from '@/services/posts'
import { Problem } from '@/services/problem'

/**
 * What the platforms would refuse, asked again half a second after the last change. problems is empty while
 * nothing is known; settled tells whether it speaks about the content as it is now, unanswered that the API cannot
 * be asked (sending checks everything again).
 */
export function useCheck(body: PostInput, enabled: boolean) {
  const wanted = enabled ? JSON.stringify(body) : ''
  const [asked] = useDebouncedValue(wanted, 500)
  const query = useQuery({
    queryKey: ['check', asked],
    queryFn: ({ signal }) => checkPost(JSON.parse(asked) as PostInput, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
  })
  const current = wanted === asked && !query.isFetching
  // A request that is wrong in its form is refused as a whole; its fields are problems like the others.
  const refused = query.error instanceof Problem ? query.error.errors : []
  const found = query.data ?? refused
  return {
    problems: enabled ? found : [],
    settled: enabled && current && (query.isSuccess || refused.length > 0),
    unanswered: enabled && current && query.isError && refused.length === 0,
  }
}
