import { Title } from '@mantine/core'
import { useRef, type ReactNode } from 'react'
import { useArrival } from '@/hooks/useArrival'
import classes from './AuthFrame.module.css'
import { Brand } from './Brand'
import { IconCheck } from './icons'

const promises = [
  'Nothing lost: every post ends as published, or with a reason and a way on.',
  'Nothing twice: what may have arrived is never blindly sent again.',
  'One post, every account, to the exact second.',
]

/** The frame of signing in and up: the form beside what the product is for. */
export function AuthFrame({
  title,
  lead,
  children,
}: {
  title: string
  lead: ReactNode
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useArrival(title, heading)
  return (
    <div className={classes.root}>
      <aside className={classes.story}>
        <p className={classes.claim}>
          <span>Write once.</span> <span>Publish everywhere.</span> <span>Know that it arrived.</span>
        </p>
        <ul>
          {promises.map((p) => (
            <li key={p}>
              <IconCheck size={18} stroke={2.4} aria-hidden />
              {p}
            </li>
          ))}
        </ul>
      </aside>
      <main className={classes.form}>
        <div className={classes.box}>
          <Brand />
          <div>
            <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
              {title}
            </Title>
            <p className={classes.lead}>{lead}</p>
          </div>
          {children}
        </div>
      </main>
    </div>
  )
}
