import { Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, disconnect, type Connection } from '@/services/connections'
import { ConfirmDialog } from './ConfirmDialog'

interface Props {
  connection: Connection
  onDone?: () => void
  onClose: () => void
}

/** Asks before an account is disconnected, and does it. */
export function DisconnectDialog({ connection: c, onDone, onClose }: Props) {
  const queryClient = useQueryClient()
  const leave = useMutation({
    mutationFn: () => disconnect(c.id),
    onSuccess: async () => {
      onClose()
      notifications.show({ message: `${c.name} is disconnected.` })
      await queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
      onDone?.()
    },
  })
  return (
    <ConfirmDialog
      opened
      danger
      title={`Disconnect ${c.name}?`}
      confirm="Disconnect"
      busy={leave.isPending}
      error={leave.error}
      onConfirm={() => {
        leave.mutate()
      }}
      onClose={onClose}
    >
      <Text size="sm">
        Herald stops publishing to this account and forgets its access at once. What is published already
        stays where it is.
      </Text>
      <Text size="sm">
        {c.waiting_jobs
          ? `${c.waiting_jobs === 1 ? 'One post waits' : `${String(c.waiting_jobs)} posts wait`} for this account. `
          : ''}
        Posts that are scheduled for it or wait for it will not go out: each one fails at its time and says
        why. Your other accounts are not affected.
      </Text>
    </ConfirmDialog>
  )
}
