import { Select, Skeleton, Switch, Textarea } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { DraftMedia } from '@/compose/draft'
import { fittingKinds, kindFor } from '@/compose/kinds'
import type { Connection } from '@/services/connections'
import type { AccountKind, PlatformInfo } from '@/services/platforms'
import type { FieldProblem } from '@/services/problem'
import { AccountAvatar } from './AccountAvatar'
import { FieldProblems } from './FieldProblems'
import { PostPreview } from './PostPreview'
import classes from './TargetCard.module.css'
import { TextCounter } from './TextCounter'

const OptionsForm = lazy(() => import('./OptionsForm')) // the form renderer is large

interface Props {
  connection: Connection
  account: AccountKind
  platform: PlatformInfo
  text: string // of all accounts
  own: string | undefined // its own text
  chosenKind: string | undefined
  options: Record<string, unknown>
  link: string
  media: DraftMedia[]
  previews: Record<string, string>
  problems: FieldProblem[] | undefined
  onOwn: (text: string | undefined) => void
  onKind: (kind: string) => void
  onOptions: (options: Record<string, unknown>) => void
}

/** What one account gets: its kind of post, its limit, its own text if it has one, and what it would refuse. */
export function TargetCard(props: Props) {
  const { connection: c, account, platform, text, own, chosenKind, options, link, media, problems } = props
  const kinds = fittingKinds(account, media)
  const kind = kindFor(account, { media, link }, chosenKind)
  return (
    <article
      className={classes.card}
      data-problem={problems?.length ? true : undefined}
      aria-label={`For ${c.name}`}
    >
      <header className={classes.head}>
        <AccountAvatar
          name={c.name}
          src={c.avatar_url}
          icon={account.icon}
          color={account.color ?? platform.color}
          size={32}
        />
        <div className={classes.who}>
          <strong>{c.name}</strong>
          <span className={classes.detail}>{[account.title, kind?.title].filter(Boolean).join(' · ')}</span>
        </div>
      </header>
      {kinds.length > 1 && (
        <Select
          size="xs"
          label="Kind of post"
          allowDeselect={false}
          data={kinds.map((k) => ({ value: k.kind, label: k.title }))}
          value={kind?.kind ?? null}
          onChange={(k) => {
            if (k) props.onKind(k)
          }}
        />
      )}
      {kind?.text.none ? (
        <p className={classes.detail}>{`A ${kind.title.toLowerCase()} shows no text.`}</p>
      ) : (
        <div className={classes.row}>
          <Switch
            size="xs"
            label="Its own text"
            checked={own !== undefined}
            onChange={(e) => {
              props.onOwn(e.currentTarget.checked ? text : undefined)
            }}
          />
          {kind && <TextCounter text={own ?? text} limit={kind.text} name={c.name} />}
        </div>
      )}
      {own !== undefined && !kind?.text.none && (
        <Textarea
          aria-label={`Text for ${c.name}`}
          autosize
          minRows={3}
          maxRows={12}
          value={own}
          onChange={(e) => {
            props.onOwn(e.currentTarget.value)
          }}
        />
      )}
      {kind?.options !== undefined && (
        <Suspense fallback={<Skeleton height={36} />}>
          <OptionsForm id={c.id} schema={kind.options} value={options} onChange={props.onOptions} />
        </Suspense>
      )}
      {kind && (
        <PostPreview
          name={c.name}
          kind={kind}
          text={own ?? text}
          title={typeof options.title === 'string' ? options.title : undefined}
          media={media}
          previews={props.previews}
        />
      )}
      <FieldProblems problems={problems} />
    </article>
  )
}
