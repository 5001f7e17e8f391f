import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { appRoute } from './app'

interface Search {
  from?: string // a post to begin with
  target?: string // the one account of it that matters
}

export const composeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/compose',
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...(typeof search.from === 'string' ? { from: search.from } : {}),
    ...(typeof search.target === 'string' ? { target: search.target } : {}),
  }),
  component: lazyRouteComponent(() => import('./ComposePage'), 'ComposePage'),
})
