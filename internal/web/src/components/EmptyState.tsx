import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './EmptyState.module.css'

interface Props {
  icon: ReactNode
  title: string
  children: ReactNode
  action?: ReactNode
}

/** What is shown where nothing is yet, and what to do about it. */
export function EmptyState({ icon, title, children, action }: Props) {
  return (
    <div className={classes.root}>
      <div className={classes.icon} aria-hidden="true">
        {icon}
      </div>
      <Title order={2}>{title}</Title>
      <Text c="dimmed" size="sm" maw={420}>
        {children}
      </Text>
      {action}
    </div>
  )
}
