import type { ReactNode } from 'react'
import classes from './Pill.module.css'

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'busy'

/** A short state in words, with a tone and an icon, so that colour is never the only sign. */
export function Pill({ tone, icon, children }: { tone: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes.pill} data-tone={tone}>
      {icon}
      {children}
    </span>
  )
}
