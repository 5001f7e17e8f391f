import { Text, Title } from '@mantine/core'
import { useRef, type ReactNode } from 'react'
import { useArrival } from '@/hooks/useArrival'
import classes from './PageHeader.module.css'

interface Props {
  title: string
  lead?: ReactNode
  back?: ReactNode
  actions?: ReactNode
}

/** A page's heading. It takes the focus after a navigation, so that a screen reader starts at the new page. */
export function PageHeader({ title, lead, back, actions }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useArrival(title, heading)
  return (
    <div className={classes.root}>
      <div className={classes.words}>
        {back}
        <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" size="sm" mt={4}>
            {lead}
          </Text>
        )}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  )
}
