import { textLength, unitName } from '@/compose/count'
import classes from './TextCounter.module.css'

interface Props {
  text: string
  limit: { max: number; unit: string; doubled?: string } // max 0 = no limit
  name: string // of the account
}

/** How much of an account's limit a text uses, counted as its platform counts. */
export function TextCounter({ text, limit, name }: Props) {
  const { max, unit } = limit
  const used = textLength(text, limit)
  const over = max > 0 && used > max
  const part = max > 0 ? Math.min(1, used / max) : 0
  const number = (n: number) => n.toLocaleString('en')
  return (
    <span className={classes.root} data-level={over ? 'over' : part > 0.9 ? 'near' : undefined}>
      {max > 0 && (
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="10" cy="10" r="8" className={classes.track} />
          <circle
            cx="10"
            cy="10"
            r="8"
            className={classes.bar}
            pathLength="1"
            strokeDasharray={`${String(part)} 1`}
          />
        </svg>
      )}
      <span aria-hidden="true">
        {over
          ? `${number(used - max)} ${unitName(unit)} too many`
          : `${number(used)}${max > 0 ? ` / ${number(max)}` : ''}`}
      </span>
      <span className="visually-hidden">
        {number(used)} {max > 0 && `of ${number(max)} `}
        {unitName(unit)} for {name}
      </span>
      <span role="status" className="visually-hidden">
        {over && `The text is too long for ${name}.`}
      </span>
    </span>
  )
}
