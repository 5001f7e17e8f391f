import { Anchor, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, disconnect, type Connection } from '@/services/connections'
import { loginOf, platformsQuery } from '@/services/platforms'
import { ConfirmDialog } from './ConfirmDialog'

interface Props {
  connection: Connection
  onDone?: () => void
  onClose: () => void
}

/** Asks before an account is disconnected, and does it. */
export function DisconnectDialog({ connection: c, onDone, onClose }: Props) {
  const queryClient = useQueryClient()
  const { data: platforms = [] } = useQuery(platformsQuery)
  const login = loginOf(
    platforms.find((p) => p.platform === c.platform),
    c.login,
  )
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
        Herald stops publishing to this account at once and deletes its copy of the access a few minutes
        later. What is published already stays where it is.
      </Text>
      {login && (
        <Text size="sm">
          {login.revokes
            ? `If no other account, in any workspace, lives on the same ${login.title}, Herald also gives the access back to the platform then. Should that fail, the account’s history says so, and you can remove Herald yourself `
            : `With ${login.title}, Herald cannot end its access at the platform. To do that, remove Herald yourself `}
          <Anchor href={login.remove_url} target="_blank" rel="noreferrer" size="sm" inherit>
            in the platform’s settings
          </Anchor>
          .
        </Text>
      )}
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
