import { useQueries } from '@tanstack/react-query'
import { accountKindOf } from '@/compose/kinds'
import type { Connection } from '@/services/connections'
import { offerQuery, type Notice } from '@/services/offers'
import type { AccountKind, PlatformInfo } from '@/services/platforms'

/** One account that a post goes to. */
export interface ComposeTarget {
  connection: Connection
  platform: PlatformInfo
  account: AccountKind // its kinds of post as this account takes them now
  notices: Notice[]
  asking: boolean // what it takes is not known yet
  error: unknown // the platform could not be asked; account is then what every such account takes
  askAgain: () => void
}

/**
 * The chosen accounts with what each takes at the moment. Platforms on which accounts differ are asked when the account is
 * chosen, and again every few minutes while somebody composes.
 */
export function useTargets(
  ids: string[],
  connections: Connection[],
  platforms: PlatformInfo[],
): ComposeTarget[] {
  const known = ids.flatMap((id) => {
    const connection = connections.find((c) => c.id === id)
    const platform = platforms.find((p) => p.platform === connection?.platform)
    const account = connection && accountKindOf(platforms, connection)
    return connection && platform && account ? [{ connection, platform, account }] : []
  })
  const offers = useQueries({
    queries: known.map((t) => ({ ...offerQuery(t.connection.id), enabled: t.platform.capabilities.offers })),
  })
  return known.map((t, i) => {
    const offer = offers[i]
    const asked = t.platform.capabilities.offers
    return {
      ...t,
      account: asked && offer?.data ? { ...t.account, posts: offer.data.posts } : t.account,
      notices: (asked && offer?.data?.notices) || [],
      asking: asked && offer?.isPending === true,
      error: asked ? offer?.error : null,
      askAgain: () => void offer?.refetch(),
    }
  })
}

/** Why nothing can be sent to an account now; a post for later may be accepted, since that passes. */
export function stopOf(t: ComposeTarget): string | undefined {
  return t.notices.find((n) => n.level === 'stop')?.text
}
