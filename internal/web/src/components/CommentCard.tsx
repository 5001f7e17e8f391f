import { Anchor, Button, Group, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import {
  deleteComment,
  hideComment,
  isOpen,
  isUnread,
  readComment,
  reply,
  unhideComment,
  unreadComment,
  type Comment,
} from '@/services/comments'
import classes from './CommentCard.module.css'
import { ConfirmDialog } from './ConfirmDialog'
import { announce } from './LiveRegion'
import { Moment } from './Moment'
import { Pill } from './Pill'
import { ProblemNotice } from './ProblemNotice'

interface Props {
  comment: Comment
  zone: string
  now: Date
  may: { compose: boolean; decide: boolean; hide: boolean } // hide: the platform can
  context?: ReactNode // where it stands
  answers?: ReactNode
}

/** One comment with what can be done about it. */
export function CommentCard({ comment: c, zone, now, may, context, answers }: Props) {
  const [answering, setAnswering] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const queryClient = useQueryClient()
  const renew = () => queryClient.invalidateQueries({ queryKey: ['comments'] })
  const hide = useMutation({
    mutationFn: () => (c.hidden ? unhideComment(c) : hideComment(c)),
    onSuccess: () => {
      announce(c.hidden ? 'The comment is shown again.' : 'The comment is hidden.')
    },
    onSettled: renew,
  })
  const unread = isUnread(c)
  const mark = useMutation({
    mutationFn: () => (unread ? readComment(c) : unreadComment(c)),
    onSuccess: () => {
      announce(unread ? 'The comment is marked as read.' : 'The comment is marked as unread.')
    },
    onSettled: renew,
  })
  const remove = useMutation({
    mutationFn: () => deleteComment(c),
    onSuccess: () => {
      setLeaving(false)
      announce('The comment is deleted.')
    },
    onSettled: renew,
  })
  return (
    <article className={classes.card} data-own={c.own || undefined} aria-label={`Comment by ${nameOf(c)}`}>
      <header className={classes.head}>
        <strong>{nameOf(c)}</strong>
        {c.own && <Pill tone="idle">You</Pill>}
        {unread && <Pill tone="busy">New</Pill>}
        {c.hidden && <Pill tone="warn">Hidden</Pill>}
        {!c.own && c.answered_at && <Pill tone="good">Answered</Pill>}
        {c.created_at && (
          <span className={classes.when}>
            <Moment at={c.created_at} zone={zone} now={now} show="both" past />
          </span>
        )}
      </header>
      {context}
      <p className={classes.text}>{c.text}</p>
      {(may.compose || may.decide) && (
        <Group gap={14} className={classes.actions}>
          {may.compose && !c.own && !answering && (
            <Anchor
              component="button"
              size="sm"
              onClick={() => {
                setAnswering(true)
              }}
            >
              Reply
            </Anchor>
          )}
          {may.compose && may.hide && !c.own && (
            <Anchor
              component="button"
              size="sm"
              disabled={hide.isPending}
              onClick={() => {
                hide.mutate()
              }}
            >
              {c.hidden ? 'Show again' : 'Hide'}
            </Anchor>
          )}
          {may.compose && !c.own && !c.answered_at && (
            <Anchor
              component="button"
              size="sm"
              disabled={mark.isPending}
              onClick={() => {
                mark.mutate()
              }}
            >
              {unread ? 'Mark as read' : 'Mark as unread'}
            </Anchor>
          )}
          {may.decide && (
            <Anchor
              component="button"
              size="sm"
              c="red.8"
              className={classes.danger}
              onClick={() => {
                remove.reset()
                setLeaving(true)
              }}
            >
              Delete
            </Anchor>
          )}
        </Group>
      )}
      <ProblemNotice error={hide.error ?? mark.error} />
      {answering && (
        <ReplyBox
          comment={c}
          onDone={() => {
            setAnswering(false)
            void renew()
          }}
          onCancel={() => {
            setAnswering(false)
          }}
        />
      )}
      {answers && <div className={classes.answers}>{answers}</div>}
      <ConfirmDialog
        opened={leaving}
        danger
        title="Delete this comment?"
        confirm="Delete it"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          remove.mutate()
        }}
        onClose={() => {
          setLeaving(false)
        }}
      >
        <Text size="sm">
          It disappears from the platform for everybody, with the answers to it. That cannot be taken back.
          Hiding it can.
        </Text>
      </ConfirmDialog>
    </article>
  )
}

function nameOf(c: Comment): string {
  return c.from_name || 'Somebody the platform does not name'
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** How often the same answer is sent again while the platform has not said whether it has it. */
const tries = 6

function ReplyBox({
  comment,
  onDone,
  onCancel,
}: {
  comment: Comment
  onDone: () => void
  onCancel: () => void
}) {
  const [text, setText] = useState('')
  const [key, setKey] = useState(() => crypto.randomUUID())
  const [asking, setAsking] = useState(false)
  const box = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    box.current?.focus() // the person has just asked for it
  }, [])
  const send = useMutation({
    mutationFn: async () => {
      for (let i = 1; ; i++) {
        try {
          return await reply(comment, text.trim(), key)
        } catch (error) {
          if (!isOpen(error) || i === tries) throw error
          setAsking(true)
          await pause(error.retryAfter * 1000)
        }
      }
    },
    onSuccess: () => {
      announce('The answer is on the platform.')
      onDone()
    },
    onSettled: () => {
      setAsking(false)
    },
  })
  return (
    <form
      className={classes.reply}
      onSubmit={(e) => {
        e.preventDefault()
        if (text.trim()) send.mutate()
      }}
    >
      <Textarea
        label={`Answer ${nameOf(comment)}`}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={8000}
        value={text}
        readOnly={send.isPending}
        ref={box}
        onChange={(e) => {
          setText(e.currentTarget.value)
          setKey(crypto.randomUUID()) // other words are another answer
        }}
      />
      {asking && (
        <Text size="sm" c="dimmed" role="status">
          The platform did not say whether it has the answer. Herald asks it before anything is sent again.
        </Text>
      )}
      <ProblemNotice error={send.error} />
      <Group gap="sm" justify="flex-end">
        <Button variant="default" size="sm" onClick={onCancel} disabled={send.isPending}>
          Cancel
        </Button>
        <Button type="submit" size="sm" loading={send.isPending} disabled={!text.trim()}>
          Send the answer
        </Button>
      </Group>
    </form>
  )
}
