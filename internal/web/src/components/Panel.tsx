import type { ReactNode } from 'react'
import classes from './Panel.module.css'

interface Props {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  flush?: boolean // the content reaches the edges
  label?: string // what the section is called when it has no title
}

/** A titled surface. */
export function Panel({ title, aside, children, flush, label }: Props) {
  return (
    <section className={classes.panel} aria-label={label}>
      {title && (
        <header className={classes.head}>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      <div className={flush ? undefined : classes.body} data-headed={title ? true : undefined}>
        {children}
      </div>
    </section>
  )
}
