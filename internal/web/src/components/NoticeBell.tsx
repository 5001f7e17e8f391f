import { ActionIcon, Indicator, Popover, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Notice } from '@/services/notices'
import { IconBell } from './icons'
import { Moment } from './Moment'
import classes from './NoticeBell.module.css'

/** Everything that needs somebody, in one list. */
export function NoticeBell({ notices, now, zone }: { notices: Notice[]; now: Date; zone: string }) {
  const [open, setOpen] = useState(false)
  const close = () => {
    setOpen(false)
  }
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={340} shadow="md" trapFocus>
      <Popover.Target>
        <Indicator label={notices.length} size={16} disabled={notices.length === 0} color="red.8" offset={5}>
          <ActionIcon
            size="lg"
            aria-label={notices.length === 0 ? 'Notices: none' : `Notices: ${String(notices.length)}`}
            aria-expanded={open}
            onClick={() => {
              setOpen(!open)
            }}
          >
            <IconBell size={19} aria-hidden />
          </ActionIcon>
        </Indicator>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        {notices.length === 0 ? (
          <Text size="sm" p="md">
            Nothing needs you.
          </Text>
        ) : (
          <ul className={classes.list}>
            {notices.map((n) => (
              <li key={n.key} data-tone={n.tone}>
                {n.postId ? (
                  <Link to="/posts/$postId" params={{ postId: n.postId }} onClick={close}>
                    {n.title}
                  </Link>
                ) : (
                  <Link
                    to="/accounts/$connectionId"
                    params={{ connectionId: n.connection?.id ?? '' }}
                    onClick={close}
                  >
                    {n.title}
                  </Link>
                )}
                {n.text && <p>{n.text}</p>}
                <span>
                  <Moment at={n.since} zone={zone} now={now} show="both" />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}
