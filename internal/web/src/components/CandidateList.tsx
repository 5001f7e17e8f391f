import { Checkbox } from '@mantine/core'
import type { Candidate } from '@/services/grants'
import type { PlatformInfo } from '@/services/platforms'
import { AccountAvatar } from './AccountAvatar'
import classes from './CandidateList.module.css'
import { Pill } from './Pill'

interface Props {
  candidates: Candidate[]
  platform: PlatformInfo | undefined
  chosen: string[]
  onChange: (chosen: string[]) => void
}

/** The accounts one consent reaches. What cannot be used is there too, greyed, with its reason. */
export function CandidateList({ candidates, platform, chosen, onChange }: Props) {
  return (
    <ul className={classes.list}>
      {candidates.map((c) => {
        const kind = platform?.accounts.find((a) => a.kind === c.kind)
        const note = `${c.candidate_id}-note`
        return (
          <li key={c.candidate_id}>
            <label className={classes.row} data-usable={c.usable}>
              <Checkbox
                checked={chosen.includes(c.candidate_id)}
                disabled={!c.usable}
                aria-describedby={c.usable ? undefined : note}
                onChange={(e) => {
                  onChange(
                    e.currentTarget.checked
                      ? [...chosen, c.candidate_id]
                      : chosen.filter((id) => id !== c.candidate_id),
                  )
                }}
              />
              <AccountAvatar
                name={c.name}
                src={c.avatar_url}
                icon={kind?.icon}
                color={kind?.color ?? platform?.color}
                size={40}
              />
              <span className={classes.who}>
                <span className={classes.line}>
                  <strong>{c.name}</strong>
                  {c.linked && <Pill tone="idle">Linked already</Pill>}
                </span>
                <span className={classes.detail}>
                  {[kind?.title ?? c.kind, c.username && `@${c.username}`].filter(Boolean).join(' · ')}
                </span>
                {!c.usable && (
                  <span className={classes.reason} id={note}>
                    {c.reason || 'Herald cannot publish to this account.'}
                  </span>
                )}
              </span>
            </label>
          </li>
        )
      })}
    </ul>
  )
}
