import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createRoute, Outlet, redirect, useRouter } from '@tanstack/react-router'
import { notifications } from '@mantine/notifications'
import { AppFrame } from '@/components/AppFrame'
import { NoticeBanner } from '@/components/NoticeBanner'
import { NoticeBell } from '@/components/NoticeBell'
import { useNow } from '@/hooks/useNow'
import { SessionContext } from '@/hooks/useSession'
import { connectionsQuery, needsCare } from '@/services/connections'
import { accountNotices, postNotices } from '@/services/notices'
import { attentionQuery, needsYouQuery } from '@/services/posts'
import { sentenceOf } from '@/services/problem'
import { may } from '@/services/roles'
import { sessionQuery, signOut } from '@/services/session'
import { Failed, NotFound, rootRoute } from './root'

/** Everything that needs somebody to be signed in. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session) throw redirect({ to: '/login', search: { next: location.href } })
    return { session }
  },
  component: App,
  errorComponent: Failed,
  notFoundComponent: NotFound,
})

function App() {
  const { session: first } = appRoute.useRouteContext()
  const session = useQuery(sessionQuery).data ?? first
  const { data: needsYou = 0 } = useQuery(needsYouQuery)
  const { data: connections = [] } = useQuery(connectionsQuery)
  const { data: held } = useQuery(attentionQuery('needs_you'))
  const { data: failed } = useQuery(attentionQuery('failed'))
  const now = useNow(30_000)
  const ofAccounts = accountNotices(connections, now)
  const notices = [...ofAccounts, ...postNotices([...(held ?? []), ...(failed ?? [])], now)]
  const zone = session.workspace.time_zone
  const queryClient = useQueryClient()
  const router = useRouter()

  const leave = async () => {
    try {
      await signOut(session.csrf_token)
    } catch (error) {
      notifications.show({ color: 'red', title: 'You are still signed in', message: sentenceOf(error) })
      return
    }
    queryClient.setQueryData(sessionQuery.queryKey, null)
    await router.navigate({ to: '/login' })
    queryClient.clear() // the next person at this browser must not see what was fetched for this one
  }

  return (
    <SessionContext value={session}>
      <AppFrame
        workspace={session.workspace.name}
        member={session.member}
        needsYou={needsYou}
        accountsNeedCare={connections.some(needsCare)}
        bell={<NoticeBell notices={notices} now={now} zone={zone} />}
        banner={
          <NoticeBanner notices={ofAccounts} now={now} zone={zone} canConnect={may(session, 'connect')} />
        }
        onSignOut={() => void leave()}
      >
        <Outlet />
      </AppFrame>
    </SessionContext>
  )
}
