import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { createRoute, Link, redirect, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { AuthFrame } from '@/components/AuthFrame'
import { ConfirmEmail } from '@/components/ConfirmEmail'
import { ProblemNotice } from '@/components/ProblemNotice'
import { ZoneSelect } from '@/components/ZoneSelect'
import { useNow } from '@/hooks/useNow'
import { fieldError, Problem } from '@/services/problem'
import { confirm, sessionQuery, signIn, signUp, type Session, type SignUp } from '@/services/session'
import { browserZone } from '@/time/zone'
import { rootRoute } from './root'

export const signupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signup',
  beforeLoad: async ({ context }) => {
    if (await context.queryClient.ensureQueryData(sessionQuery)) throw redirect({ to: '/posts' })
  },
  component: Signup,
})

function Signup() {
  const now = useNow(60_000)
  const queryClient = useQueryClient()
  const router = useRouter()
  const [confirming, setConfirming] = useState(false)
  const [form, setForm] = useState<SignUp>(() => ({
    email: '',
    password: '',
    name: '',
    workspace: '',
    time_zone: browserZone(),
  }))
  const enter = async (session: Session) => {
    queryClient.clear()
    queryClient.setQueryData(sessionQuery.queryKey, session)
    await router.navigate({ to: '/accounts' })
  }
  const make = useMutation({
    mutationFn: () => signUp({ ...form, email: form.email.trim() }),
    onSuccess: async (session) => {
      if (session) await enter(session)
      else setConfirming(true)
    },
  })
  const check = useMutation({
    mutationFn: async (code: string) => {
      await confirm(form.email.trim(), code)
      return signIn(form.email.trim(), form.password, form.time_zone)
    },
    onSuccess: enter,
  })

  if (confirming) {
    return (
      <ConfirmEmail
        email={form.email.trim()}
        busy={check.isPending}
        error={check.error}
        onSubmit={check.mutate}
        onBack={() => {
          setConfirming(false)
        }}
      />
    )
  }
  const field = (name: 'email' | 'password' | 'name' | 'workspace') => ({
    name,
    required: true,
    value: form[name],
    error: fieldError(make.error, name),
    onChange: (e: { currentTarget: { value: string } }) => {
      setForm({ ...form, [name]: e.currentTarget.value })
    },
  })
  // A problem that is shown at its field is not shown twice.
  const atFields = make.error instanceof Problem && make.error.errors.length > 0
  return (
    <AuthFrame
      title="Make a workspace"
      lead={
        <>
          Have one already?{' '}
          <Anchor component={Link} to="/login" inherit>
            Sign in
          </Anchor>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate()
        }}
      >
        <Stack gap="md">
          {!atFields && <ProblemNotice error={make.error} />}
          <TextInput label="Your name" autoComplete="name" {...field('name')} />
          <TextInput label="E-mail" type="email" autoComplete="username" {...field('email')} />
          <PasswordInput
            label="Password"
            description="At least 10 characters, with a lower-case letter and a digit"
            autoComplete="new-password"
            minLength={10}
            {...field('password')}
          />
          <TextInput
            label="Workspace name"
            placeholder="Cafe Ada"
            autoComplete="organization"
            {...field('workspace')}
          />
          <ZoneSelect
            label="Time zone"
            description="You plan posts by these clocks"
            now={now}
            value={form.time_zone}
            error={fieldError(make.error, 'time_zone')}
            onChange={(zone) => {
              if (zone) setForm({ ...form, time_zone: zone })
            }}
          />
          <Button type="submit" size="md" loading={make.isPending}>
            Make the workspace
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  )
}
