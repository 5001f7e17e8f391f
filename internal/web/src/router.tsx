import type { QueryClient } from '@tanstack/react-query'
import { createRouter, type RouterHistory } from '@tanstack/react-router'
import { accountRoute } from './routes/account'
import { accountsRoute } from './routes/accounts'
import { appRoute } from './routes/app'
import { capabilitiesRoute } from './routes/capabilities'
import { commentsRoute } from './routes/comments'
import { composeRoute } from './routes/compose'
import { connectRoute } from './routes/connect'
import { eventsRoute } from './routes/events'
import { homeRoute } from './routes/home'
import { libraryRoute } from './routes/library'
import { loginRoute } from './routes/login'
import { postRoute } from './routes/post'
import { postsRoute } from './routes/posts'
import { rootRoute } from './routes/root'
import { settingsRoute } from './routes/settings'
import { signupRoute } from './routes/signup'
import { sessionQuery } from './services/session'

const tree = rootRoute.addChildren([
  homeRoute,
  loginRoute,
  signupRoute,
  appRoute.addChildren([
    postsRoute,
    postRoute,
    composeRoute,
    commentsRoute,
    libraryRoute,
    accountsRoute,
    accountRoute,
    connectRoute,
    eventsRoute,
    settingsRoute,
    capabilitiesRoute,
  ]),
])

export function makeRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    history,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0, // the query client decides what is fresh
    scrollRestoration: true,
  })
}

/** The session ended while somebody was working: ask for the password and come back to this very place. */
export function askToSignIn(router: ReturnType<typeof makeRouter>, queryClient: QueryClient) {
  if (router.latestLocation.pathname === '/login') return
  queryClient.setQueryData(sessionQuery.queryKey, null)
  void router.navigate({ to: '/login', search: { next: router.latestLocation.href, ended: true } })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
