import { Link } from '@tanstack/react-router'
import { postFilters, type PostFilter } from '@/services/posts'
import classes from './PostFilters.module.css'

const names: Record<PostFilter, string> = {
  needs_you: 'Needs you',
  scheduled: 'Scheduled',
  active: 'Active',
  published: 'Published',
  failed: 'Failed',
  all: 'All',
}

/** Narrows the list. Each choice is an address, so it can be kept and sent. */
export function PostFilters({ current, needsYou }: { current: PostFilter; needsYou: number }) {
  return (
    <nav aria-label="Filter posts" className={classes.nav}>
      {postFilters.map((f) => (
        <Link
          key={f}
          to="/posts"
          search={f === 'all' ? {} : { state: f }}
          className={classes.link}
          aria-current={f === current ? 'true' : undefined}
          data-current={f === current || undefined}
          activeProps={{}}
        >
          {names[f]}
          {f === 'needs_you' && needsYou > 0 && (
            <span className={classes.count}>{needsYou > 99 ? '99+' : needsYou}</span>
          )}
        </Link>
      ))}
    </nav>
  )
}
