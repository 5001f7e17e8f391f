import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { appRoute } from './app'

export const eventsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/events',
  validateSearch: (search: Record<string, unknown>): { state?: 'failed' } =>
    search.state === 'failed' ? { state: 'failed' } : {},
  component: lazyRouteComponent(() => import('./EventsPage'), 'EventsPage'),
})
