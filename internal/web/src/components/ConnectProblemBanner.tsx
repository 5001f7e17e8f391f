import { Alert, Button, Group, Text } from '@mantine/core'
import { connectProblem } from '@/services/connectProblems'
import { loginOf, startURL, type PlatformInfo } from '@/services/platforms'
import { IconAlertTriangle } from './icons'

interface Props {
  code: string
  platform: PlatformInfo | undefined // unknown when the address was made by hand
  login?: string | undefined
  onDismiss: () => void
}

/** Says why linking did not work and offers the way on. Never shows text from the address itself. */
export function ConnectProblemBanner({ code, platform, login, onDismiss }: Props) {
  const problem = connectProblem(code)
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<IconAlertTriangle aria-hidden />}
      title={platform ? `${platform.title}: ${lower(problem.title)}` : problem.title}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={onDismiss}
      mb="lg"
    >
      <Text size="sm" maw="68ch">
        {problem.sentence}
      </Text>
      {code === 'permission_missing' && platform && (
        <ul>
          {loginOf(platform, login)
            ?.scopes.filter((s) => s.required)
            .map((s) => (
              <li key={s.name}>
                <Text size="sm" component="span">
                  {s.why}
                </Text>
              </li>
            ))}
        </ul>
      )}
      {platform?.available && problem.label && (
        <Group mt="sm">
          <Button
            component="a"
            href={startURL(
              platform.platform,
              login && loginOf(platform, login)?.id === login ? { login } : {},
            )}
            size="compact-sm"
            variant="default"
          >
            {problem.label}
          </Button>
        </Group>
      )}
    </Alert>
  )
}

function lower(s: string): string {
  return s.charAt(0).toLowerCase() + s.slice(1)
}
