import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { appRoute } from './app'

export const accountRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/accounts/$connectionId',
  component: lazyRouteComponent(() => import('./AccountPage'), 'AccountPage'),
})
