import { queryOptions } from '@tanstack/react-query'
import { api, beginLeaving, carryToken, take } from './client'
import { Problem } from './problem'
import type { components } from './schema'

export type Session = components['schemas']['Session']

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return keep(await take(api.GET('/v1/session', { signal })))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  },
  staleTime: 5 * 60_000,
})

export async function signIn(email: string, password: string, timeZone: string): Promise<Session> {
  return keep(await take(api.POST('/v1/session', { body: { email, password, time_zone: timeZone } })))
}

export interface SignUp {
  email: string
  password: string
  name: string
  workspace: string
  time_zone: string
}

/** Makes a workspace and signs its owner in; null when the e-mail address must be confirmed first. */
export async function signUp(form: SignUp): Promise<Session | null> {
  const answer = await take(api.POST('/v1/session/signup', { body: form }))
  return 'csrf_token' in answer ? keep(answer) : null
}

export async function confirm(email: string, code: string): Promise<void> {
  await take(api.POST('/v1/session/confirm', { body: { email, code } }))
}

/** Ends the session. When that fails it goes on as it was. */
export async function signOut(csrf: string): Promise<void> {
  beginLeaving()
  try {
    await take(api.DELETE('/v1/session'))
  } catch (error) {
    carryToken(csrf)
    throw error
  }
}

function keep(session: Session): Session {
  carryToken(session.csrf_token)
  return session
}
