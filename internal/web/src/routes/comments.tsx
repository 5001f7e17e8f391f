import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { commentFilters, type CommentFilter } from '@/services/comments'
import { appRoute } from './app'

export const commentsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/comments',
  validateSearch: (search: Record<string, unknown>): { state?: CommentFilter; account?: string } => {
    const state = commentFilters.find((f) => f === search.state)
    return {
      ...(state ? { state } : {}),
      ...(typeof search.account === 'string' && search.account ? { account: search.account } : {}),
    }
  },
  component: lazyRouteComponent(() => import('./CommentsPage'), 'CommentsPage'),
})
