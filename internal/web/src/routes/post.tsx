import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { appRoute } from './app'

export const postRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/posts/$postId',
  component: lazyRouteComponent(() => import('./PostPage'), 'PostPage'),
})
