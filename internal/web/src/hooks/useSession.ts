import { createContext, useContext } from 'react'
import type { Session } from '@/services/session'

/** The session of the signed-in part of the page. */
export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession outside of the signed-in part')
  return session
}
