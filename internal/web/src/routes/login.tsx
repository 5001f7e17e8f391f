import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { createRoute, Link, redirect, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { AuthFrame } from '@/components/AuthFrame'
import { ConfirmEmail } from '@/components/ConfirmEmail'
import { ProblemNotice } from '@/components/ProblemNotice'
import { safeNext } from '@/services/next'
import { fieldError, Problem } from '@/services/problem'
import { confirm, sessionQuery, signIn } from '@/services/session'
import { browserZone } from '@/time/zone'
import { rootRoute } from './root'

interface Search {
  next?: string
  ended?: boolean // a session has just run out
}

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...(typeof search.next === 'string' ? { next: search.next } : {}),
    ...(search.ended === true ? { ended: true } : {}),
  }),
  beforeLoad: async ({ context, search }) => {
    if (search.ended) return
    if (await context.queryClient.ensureQueryData(sessionQuery)) throw redirect({ to: safeNext(search.next) })
  },
  component: Login,
})

function Login() {
  const { next, ended } = loginRoute.useSearch()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [confirming, setConfirming] = useState(false)
  const queryClient = useQueryClient()
  const router = useRouter()

  const enter = useMutation({
    mutationFn: () => signIn(email.trim(), password, browserZone()),
    onSuccess: async (session) => {
      queryClient.clear() // somebody else may have been here
      queryClient.setQueryData(sessionQuery.queryKey, session)
      await router.navigate({ to: safeNext(next) })
    },
  })
  const check = useMutation({
    mutationFn: (code: string) => confirm(email.trim(), code),
    onSuccess: () => {
      setConfirming(false)
      enter.mutate()
    },
  })

  if (confirming) {
    return (
      <ConfirmEmail
        email={email.trim()}
        busy={check.isPending || enter.isPending}
        error={check.error}
        onSubmit={check.mutate}
        onBack={() => {
          setConfirming(false)
        }}
      />
    )
  }
  const unconfirmed =
    enter.error instanceof Problem && enter.error.errors.some((e) => e.field.endsWith('code'))
  return (
    <AuthFrame
      title="Sign in"
      lead={
        <>
          New here?{' '}
          <Anchor component={Link} to="/signup" inherit>
            Make a workspace
          </Anchor>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        <Stack gap="md">
          {ended && !enter.error && (
            <Alert color="yellow" role="status">
              Your session has ended. Sign in to go on where you were; what you wrote is kept.
            </Alert>
          )}
          <ProblemNotice error={enter.error} />
          <TextInput
            label="E-mail"
            type="email"
            name="email"
            autoComplete="username"
            required
            value={email}
            error={fieldError(enter.error, 'email')}
            onChange={(e) => {
              setEmail(e.currentTarget.value)
            }}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            value={password}
            error={fieldError(enter.error, 'password')}
            onChange={(e) => {
              setPassword(e.currentTarget.value)
            }}
          />
          <Button type="submit" size="md" loading={enter.isPending}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            {unconfirmed ? 'Your e-mail address is not confirmed yet. ' : 'Have a confirmation code? '}
            <Anchor
              component="button"
              type="button"
              size="sm"
              disabled={email.trim() === ''}
              onClick={() => {
                setConfirming(true)
              }}
            >
              Enter it here
            </Anchor>
          </Text>
        </Stack>
      </form>
    </AuthFrame>
  )
}
