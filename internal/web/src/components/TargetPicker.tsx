import { Anchor, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { accountKindOf } from '@/compose/kinds'
import type { Connection } from '@/services/connections'
import type { PlatformInfo } from '@/services/platforms'
import { AccountAvatar } from './AccountAvatar'
import classes from './TargetPicker.module.css'

interface Props {
  connections: Connection[]
  platforms: PlatformInfo[]
  chosen: string[]
  onChange: (chosen: string[]) => void
}

const searchFrom = 9 // accounts, above which they can be searched

/** Which accounts a post goes to. One that cannot be published to is shown with its reason. */
export function TargetPicker({ connections, platforms, chosen, onChange }: Props) {
  const [words, setWords] = useState('')
  const found = connections.filter((c) =>
    `${c.name} ${c.username} ${accountKindOf(platforms, c)?.title ?? ''}`
      .toLowerCase()
      .includes(words.toLowerCase()),
  )
  const usable = (c: Connection) => hindrance(c, platforms) === null
  const open = found.filter(usable).map((c) => c.id)
  const all = open.length > 0 && open.every((id) => chosen.includes(id))

  return (
    <div>
      {connections.length >= searchFrom && (
        <TextInput
          aria-label="Search accounts"
          placeholder="Search accounts"
          mb="sm"
          value={words}
          onChange={(e) => {
            setWords(e.currentTarget.value)
          }}
        />
      )}
      <ul className={classes.grid}>
        {found.map((c) => {
          const kind = accountKindOf(platforms, c)
          const platform = platforms.find((p) => p.platform === c.platform)
          const why = hindrance(c, platforms)
          return (
            <li key={c.id}>
              <label
                className={classes.card}
                data-chosen={chosen.includes(c.id) || undefined}
                data-off={why ? true : undefined}
              >
                <AccountAvatar
                  name={c.name}
                  src={c.avatar_url}
                  icon={kind?.icon}
                  color={kind?.color ?? platform?.color}
                  size={36}
                />
                <span className={classes.who}>
                  <span className={classes.name}>{c.name}</span>
                  <span className={classes.detail}>{why ?? kind?.title ?? c.kind}</span>
                </span>
                <Checkbox
                  checked={chosen.includes(c.id)}
                  disabled={why !== null && !chosen.includes(c.id)}
                  onChange={(e) => {
                    onChange(e.currentTarget.checked ? [...chosen, c.id] : chosen.filter((id) => id !== c.id))
                  }}
                />
              </label>
            </li>
          )
        })}
      </ul>
      {found.length === 0 && (
        <Text size="sm" c="dimmed">
          No account of that name.
        </Text>
      )}
      {open.length > 1 && (
        <Group mt="sm">
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              onChange(all ? chosen.filter((id) => !open.includes(id)) : [...new Set([...chosen, ...open])])
            }}
          >
            {all ? 'Choose none' : `Choose all ${String(open.length)}`}
          </Anchor>
        </Group>
      )}
    </div>
  )
}

/** Why nothing can be published to an account now; null when it can. */
function hindrance(c: Connection, platforms: PlatformInfo[]): string | null {
  const platform = platforms.find((p) => p.platform === c.platform)
  if (!platform?.available) return 'Its platform is switched off'
  if (c.status === 'blocked') return 'Blocked: reconnect it first'
  if (c.status === 'paused') return 'Paused'
  return null
}
