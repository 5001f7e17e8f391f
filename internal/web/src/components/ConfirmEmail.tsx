import { Anchor, Button, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { AuthFrame } from './AuthFrame'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  email: string
  busy: boolean
  error: unknown
  onSubmit: (code: string) => void
  onBack: () => void
}

/** The step between signing up and in, where e-mail addresses are confirmed. */
export function ConfirmEmail({ email, busy, error, onSubmit, onBack }: Props) {
  const [code, setCode] = useState('')
  return (
    <AuthFrame title="Confirm your e-mail" lead={`We have sent a code to ${email}. It can take a minute.`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit(code.trim())
        }}
      >
        <Stack gap="md">
          <ProblemNotice error={error} />
          <TextInput
            label="Code"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            value={code}
            onChange={(e) => {
              setCode(e.currentTarget.value)
            }}
          />
          <Button type="submit" size="md" loading={busy}>
            Confirm and sign in
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={onBack} ta="left">
            Use another address
          </Anchor>
        </Stack>
      </form>
    </AuthFrame>
  )
}
