import classes from './Brand.module.css'

/** The mark: a herald's pennant. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className={classes.mark}>
      <rect width="32" height="32" rx="8" className={classes.field} />
      <path d="M10 6.5v19" className={classes.pole} />
      <path d="M12.6 8.2h11.1l-3.3 4.6 3.3 4.6H12.6z" className={classes.flag} />
    </svg>
  )
}

export function Brand() {
  return (
    <span className={classes.brand}>
      <Mark />
      <span>Herald</span>
    </span>
  )
}
