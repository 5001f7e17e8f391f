import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  opened: boolean
  title: string
  confirm: string
  busy: boolean
  error: unknown
  onConfirm: () => void
  onClose: () => void
  danger?: boolean
  disabled?: boolean
  children: ReactNode
}

/** Asks before something that cannot be taken back. The safe button comes first and has the focus. */
export function ConfirmDialog({
  opened,
  title,
  confirm,
  busy,
  error,
  onConfirm,
  onClose,
  danger,
  disabled,
  children,
}: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Stack gap="md">
        {children}
        <ProblemNotice error={error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it as it is
          </Button>
          <Button color={danger ? 'red.8' : undefined} loading={busy} disabled={disabled} onClick={onConfirm}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
