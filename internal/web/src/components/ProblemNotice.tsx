import { Alert, Button, Group, Text } from '@mantine/core'
import { Problem, sentenceOf, Unreachable } from '@/services/problem'
import { IconAlertCircle, IconWifiOff } from './icons'

interface Props {
  error: unknown
  title?: string
  onRetry?: () => void
}

/** What went wrong, in a sentence, with a way on and the number an operator can look up. */
export function ProblemNotice({ error, title, onRetry }: Props) {
  if (error === null || error === undefined) return null
  const problem = error instanceof Problem ? error : undefined
  const offline = error instanceof Unreachable
  return (
    <Alert
      role="alert"
      color={offline ? 'yellow' : 'red'}
      icon={offline ? <IconWifiOff aria-hidden /> : <IconAlertCircle aria-hidden />}
      title={title ?? problem?.title}
    >
      <Text size="sm">{sentenceOf(error)}</Text>
      {problem && problem.errors.length > 0 && (
        <ul style={{ margin: '6px 0 0', paddingInlineStart: 20 }}>
          {problem.errors.map((e) => (
            <li key={e.field + e.message}>{e.message}</li>
          ))}
        </ul>
      )}
      {(onRetry ?? problem?.requestId) && (
        <Group mt="xs" gap="sm">
          {onRetry && (
            <Button size="compact-sm" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {problem?.requestId && (
            <Text size="xs" c="dimmed">
              Request {problem.requestId}
            </Text>
          )}
        </Group>
      )}
    </Alert>
  )
}
