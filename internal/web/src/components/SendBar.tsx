import { Anchor, Button } from '@mantine/core'
import { IconAlertCircle, IconCalendarTime, IconCheck, IconSend } from './icons'
import classes from './SendBar.module.css'

interface Props {
  targets: number
  empty: boolean
  uploading: number
  asking: string | undefined // the platform that is being asked what an account takes
  stopped: string | undefined // the account that takes nothing now, and the post is for now
  problems: number
  onShow: () => void // leads to the first of them
  checked: boolean // the check speaks about the content as it is
  unanswered: boolean // the check cannot be made
  kept: boolean // the draft is stored in the browser
  sending: boolean
  repeatable: boolean // this content was sent before without an answer
  when: string | null // 'now', the time in words, or null when one is still to be chosen
  onDiscard: () => void
}

/** What still stands in the way, and the button that sends. */
export function SendBar(props: Props) {
  const {
    targets,
    empty,
    uploading,
    asking,
    stopped,
    problems,
    checked,
    unanswered,
    kept,
    sending,
    repeatable,
    when,
    onDiscard,
  } = props
  const accounts = targets === 1 ? '1 account' : `${String(targets)} accounts`
  const hindrance = empty
    ? 'Write something or add a photo.'
    : targets === 0
      ? 'Choose at least one account.'
      : uploading > 0
        ? 'A file is not uploaded yet.'
        : asking !== undefined
          ? `${asking} is asked what the account takes.`
          : stopped !== undefined
            ? `${stopped} takes nothing now. Leave it out, or choose a later time.`
            : problems > 0
              ? `${problems === 1 ? 'One thing has' : `${String(problems)} things have`} to change first.`
              : when === null
                ? 'Choose a time in the future.'
                : null
  return (
    <div className={classes.bar}>
      <div className={classes.state} role="status" data-bad={problems > 0 || undefined}>
        {problems > 0 ? (
          <IconAlertCircle size={17} aria-hidden />
        ) : (
          hindrance === null && checked && !repeatable && <IconCheck size={17} aria-hidden />
        )}
        <span>
          {hindrance ??
            (repeatable
              ? 'No answer came. Sending again is safe: it cannot make a second post.'
              : checked
                ? `Nothing that ${targets === 1 ? 'the account' : `the ${accounts}`} would refuse.`
                : unanswered
                  ? 'Not checked: Herald does not answer. Sending checks everything again.'
                  : 'Checking…')}
          {hindrance !== null && problems > 0 && stopped === undefined && (
            <>
              {' '}
              <Anchor component="button" type="button" inherit onClick={props.onShow}>
                {problems === 1 ? 'Show it' : 'Show the first'}
              </Anchor>
            </>
          )}
          {!kept && ' This browser does not let Herald keep your draft.'}
        </span>
      </div>
      <div className={classes.buttons}>
        <Button variant="subtle" color="gray" disabled={empty && targets === 0} onClick={onDiscard}>
          Discard
        </Button>
        <Button
          type="submit"
          loading={sending}
          disabled={hindrance !== null}
          leftSection={
            when === 'now' ? <IconSend size={17} aria-hidden /> : <IconCalendarTime size={17} aria-hidden />
          }
        >
          {repeatable
            ? 'Send again'
            : when === 'now'
              ? 'Publish now'
              : `Schedule${when === null ? '' : ` for ${when}`}`}
        </Button>
      </div>
    </div>
  )
}
