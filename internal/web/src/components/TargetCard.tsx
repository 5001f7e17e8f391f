import { SegmentedControl, Select, Skeleton, Textarea } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { DraftMedia } from '@/compose/draft'
import { fittingKinds, kindFor } from '@/compose/kinds'
import { schemaNow, settled } from '@/compose/options'
import { optionErrors } from '@/compose/problems'
import type { ComposeTarget } from '@/hooks/useTargets'
import type { FieldProblem } from '@/services/problem'
import { AccountAvatar } from './AccountAvatar'
import { FieldProblems } from './FieldProblems'
import classes from './TargetCard.module.css'
import { TargetNotices } from './TargetNotices'
import { TextCounter } from './TextCounter'

const OptionsForm = lazy(() => import('./OptionsForm')) // the form renderer is large
const PostPreview = lazy(() => import('@/preview/PostPreview'))

interface Props {
  target: ComposeTarget
  text: string // of all accounts
  own: string | undefined // its own text
  chosenKind: string | undefined
  options: Record<string, unknown>
  link: string
  media: DraftMedia[]
  previews: Record<string, string>
  problems: FieldProblem[]
  onOwn: (text: string | undefined) => void
  onKind: (kind: string) => void
  onOptions: (options: Record<string, unknown>) => void
}

/** What one account gets: its kind of post, its limit, its own text if it has one, and what it would refuse. */
export function TargetCard(props: Props) {
  const { target, text, own, chosenKind, link, media, problems } = props
  const { connection: c, account, platform, notices, asking } = target
  const kinds = fittingKinds(account, media)
  const kind = kindFor(account, { media, link }, chosenKind)
  const options = kind?.options ? settled(kind.options, props.options) : {}
  const fields = kind?.options ? Object.keys(schemaNow(kind.options, options).properties ?? {}) : []
  const said = new Set(notices.map((n) => n.text))
  const { errors, others } = optionErrors(
    problems.filter((p) => !said.has(p.message)),
    fields,
    kind?.options,
  )
  return (
    <article
      className={classes.card}
      data-problem={problems.length > 0 || undefined}
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
      <TargetNotices
        notices={notices}
        failed={target.error !== null && target.error !== undefined}
        platform={platform.title}
        onAskAgain={target.askAgain}
      />
      {asking ? (
        <div role="status" aria-label={`Asking ${platform.title} what the account takes`}>
          <Skeleton height={36} mb={8} />
          <Skeleton height={36} />
        </div>
      ) : (
        <>
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
          {kind?.text.none && (
            <p className={classes.detail}>
              {kind.preview === 'inbox'
                ? 'The text is written in the app, by whoever finishes the post there.'
                : `A ${kind.title.toLowerCase()} shows no text.`}
            </p>
          )}
          {kind && !kind.text.none && (
            <>
              <div className={classes.row}>
                <SegmentedControl
                  size="xs"
                  aria-label={`Text for ${c.name}`}
                  value={own === undefined ? 'same' : 'own'}
                  data={[
                    { value: 'same', label: 'Same text' },
                    { value: 'own', label: 'Own text' },
                  ]}
                  onChange={(v) => {
                    props.onOwn(v === 'own' ? text : undefined)
                  }}
                />
                <TextCounter text={own ?? text} limit={kind.text} name={c.name} />
              </div>
              {own !== undefined && (
                <Textarea
                  aria-label={`Own text for ${c.name}`}
                  autosize
                  minRows={3}
                  maxRows={12}
                  value={own}
                  onChange={(e) => {
                    props.onOwn(e.currentTarget.value)
                  }}
                />
              )}
            </>
          )}
          {kind?.options !== undefined && (
            <Suspense fallback={<Skeleton height={36} />}>
              <OptionsForm
                id={c.id}
                schema={kind.options}
                value={options}
                errors={errors}
                onChange={props.onOptions}
              />
            </Suspense>
          )}
          <FieldProblems problems={others} />
          {kind && (
            <Suspense fallback={null}>
              <PostPreview
                account={{ name: c.name, username: c.username, avatar: c.avatar_url }}
                icon={account.icon}
                kind={kind}
                text={kind.text.none ? '' : (own ?? text)}
                link={kind.link ? link.trim() : ''}
                options={options}
                media={media}
                sources={props.previews}
              />
            </Suspense>
          )}
        </>
      )}
    </article>
  )
}
