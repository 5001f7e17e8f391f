import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { appRoute } from './app'

export const capabilitiesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/capabilities',
  component: lazyRouteComponent(() => import('./CapabilitiesPage'), 'CapabilitiesPage'),
})
