import { Anchor } from '@mantine/core'
import type { FieldProblem } from '@/services/problem'
import classes from './FieldProblems.module.css'
import { IconAlertCircle } from './icons'

/** What is wrong with one field, each with the platform's own rule where it has one. */
export function FieldProblems({ problems, id }: { problems: FieldProblem[] | undefined; id?: string }) {
  if (!problems?.length) return null
  return (
    <ul data-field-problems tabIndex={-1} className={classes.list} id={id}>
      {problems.map((p) => (
        <li key={p.field + p.message}>
          <IconAlertCircle size={15} aria-hidden />
          <span>
            {p.message}{' '}
            {p.rule && (
              <Anchor href={p.rule} target="_blank" rel="noreferrer" inherit>
                Read the rule
              </Anchor>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
