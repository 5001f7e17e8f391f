import { Button } from '@mantine/core'
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  Outlet,
  useRouter,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { EmptyState } from '@/components/EmptyState'
import { IconQuestionMark } from '@/components/icons'
import { ProblemNotice } from '@/components/ProblemNotice'

export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: Failed,
  notFoundComponent: NotFound,
})

/** What is shown instead of a page that cannot be. */
export function Failed({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <div style={{ maxWidth: 560, margin: '12vh auto', padding: 16 }}>
      <ProblemNotice
        error={error}
        onRetry={() => {
          reset()
          void router.invalidate()
        }}
      />
    </div>
  )
}

export function NotFound() {
  return (
    <EmptyState
      icon={<IconQuestionMark size={28} />}
      title="There is nothing here"
      action={
        <Button component="a" href="/posts">
          Go to your posts
        </Button>
      }
    >
      The address is wrong, or what was here has gone.
    </EmptyState>
  )
}
