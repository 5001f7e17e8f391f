import type { Draft } from '@/compose/draft'
import { kindFor } from '@/compose/kinds'
import type { ComposeTarget } from '@/hooks/useTargets'
import { PlatformIcon } from './PlatformIcon'
import classes from './TextCounter.module.css'
import { TextCounter } from './TextCounter'

/** How the text that several accounts share counts on each kind of account. */
export function TextCounters({ targets, draft }: { targets: ComposeTarget[]; draft: Draft }) {
  const shown = new Map<
    string,
    { target: ComposeTarget; limit: Parameters<typeof TextCounter>[0]['limit'] }
  >()
  for (const target of targets) {
    const { id } = target.connection
    const limit = kindFor(target.account, draft, draft.kinds[id])?.text
    if (!limit || limit.none || draft.own[id] !== undefined) continue
    shown.set(`${target.account.icon} ${String(limit.max)} ${limit.unit} ${limit.doubled ?? ''}`, {
      target,
      limit,
    })
  }
  if (shown.size < 2) return null // one account's is at the account
  return (
    <div className={classes.counters}>
      {[...shown].map(([key, { target, limit }]) => (
        <span key={key} className={classes.of} title={target.account.title}>
          <PlatformIcon name={target.account.icon} size={16} />
          <TextCounter text={draft.text} limit={limit} name={target.account.title} />
        </span>
      ))}
    </div>
  )
}
