import { Anchor, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { IconCheck, IconX } from '@/components/icons'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { Pill } from '@/components/Pill'
import { PlatformIcon } from '@/components/PlatformIcon'
import { PlatformTitle } from '@/components/PlatformTitle'
import { ProblemNotice } from '@/components/ProblemNotice'
import { countLimit, fileLimits, optionTitles, textLimit, type Limit } from '@/compose/limits'
import {
  platformsQuery,
  type AccountKind,
  type Login,
  type PlatformInfo,
  type PostKind,
} from '@/services/platforms'
import classes from './capabilities.module.css'

/** What each platform takes and lets Herald do, from what its connector says of itself. */
export function CapabilitiesPage() {
  const platforms = useQuery(platformsQuery)
  return (
    <>
      <PageHeader
        title="Platforms"
        lead="What can be posted where, every limit with the page that states it, and what Herald can do afterwards."
      />
      <ProblemNotice error={platforms.error} onRetry={() => void platforms.refetch()} />
      {platforms.isPending && !platforms.error && <Skeleton height={360} radius="lg" />}
      {platforms.data && (
        <>
          <nav aria-label="Platforms on this page" className={classes.jump}>
            {platforms.data.map((p) => (
              <a key={p.platform} href={`#${p.platform}`}>
                <PlatformTitle platform={p} />
              </a>
            ))}
          </nav>
          <Stack gap="lg">
            {platforms.data.map((p) => (
              <Platform key={p.platform} platform={p} />
            ))}
          </Stack>
        </>
      )}
    </>
  )
}

function Platform({ platform: p }: { platform: PlatformInfo }) {
  return (
    <div id={p.platform} className={classes.platform}>
      <Panel title={<PlatformTitle platform={p} />} aside={<Version platform={p} />}>
        <Stack gap="xl">
          <Afterwards platform={p} />
          {p.accounts.map((a) => (
            <section key={a.kind} aria-label={`Posts on ${a.title}`}>
              <h3 className={classes.title}>
                <PlatformIcon name={a.icon} size={17} /> Posts on {a.title}
              </h3>
              <Kinds account={a} />
            </section>
          ))}
          <section aria-label="Ways to connect">
            <h3 className={classes.title}>Ways to connect</h3>
            <div className={classes.logins}>
              {p.logins.map((l) => (
                <LoginCard key={l.id} login={l} platform={p} />
              ))}
            </div>
          </section>
        </Stack>
      </Panel>
    </div>
  )
}

function Version({ platform: p }: { platform: PlatformInfo }) {
  return (
    <span className={classes.version}>
      {!p.available && <Pill tone="warn">Switched off</Pill>} API {p.api_version}
      {p.sunset ? `, ends ${p.sunset}` : ', no end announced'}
    </span>
  )
}

/** What can be done after publishing, for each kind of account. */
function Afterwards({ platform: p }: { platform: PlatformInfo }) {
  const c = p.capabilities
  const rows: [string, (a: AccountKind) => boolean][] = [
    ['Edit the text', (a) => a.can_edit],
    ['Delete a post', (a) => a.can_delete],
    ['Read and answer comments', (a) => c.comments && a.can_comment],
    ['Hide comments', (a) => c.hide && a.can_comment],
    ['See numbers', (a) => c.metrics && a.can_report],
    ['Find a post whose sending was interrupted', (a) => c.candidates && a.can_list],
  ]
  const whole: [string, boolean][] = [
    ['Tells Herald of changes by itself', c.webhooks],
    ['Access is renewed by Herald', c.refresh],
    ['Herald can give the access back', c.revoke],
    ['Says what each account takes at the moment', c.offers],
  ]
  return (
    <section aria-label="After publishing" className={classes.afterwards}>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <th scope="col">After publishing</th>
            {p.accounts.map((a) => (
              <th key={a.kind} scope="col">
                {a.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, can]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {p.accounts.map((a) => (
                <td key={a.kind}>
                  <Can yes={can(a)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <ul className={classes.whole}>
        {whole.map(([name, yes]) => (
          <li key={name}>
            <Can yes={yes} />
            {name}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Can({ yes }: { yes: boolean }) {
  const Sign = yes ? IconCheck : IconX
  return (
    <span className={classes.can} data-yes={yes || undefined}>
      <Sign size={16} stroke={2.4} aria-hidden />
      <span className="visually-hidden">{yes ? 'yes' : 'no'}</span>
    </span>
  )
}

function Kinds({ account }: { account: AccountKind }) {
  return (
    <div className={classes.kinds} role="table" aria-label={`Kinds of post on ${account.title}`}>
      <div className={classes.row} role="row" data-head>
        {['Kind', 'Text', 'Files', 'More'].map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {account.posts.map((k) => (
        <div key={k.kind} className={classes.row} role="row">
          <span role="cell" className={classes.kind}>
            <Sourced limit={{ text: k.title, source: k.source }} />
          </span>
          <Cell name="Text">
            <Sourced limit={textLimit(k)} />
          </Cell>
          <Cell name="Files">
            <Sourced limit={countLimit(k)} />
            {fileLimits(k).map((l) => (
              <span key={l.text} className={classes.file}>
                <Sourced limit={l} />
              </span>
            ))}
          </Cell>
          <Cell name="More">{more(k)}</Cell>
        </div>
      ))}
    </div>
  )
}

function more(k: PostKind): string {
  const link = k.link_required ? ['a link (needed)'] : k.link ? ['a link'] : []
  return [...link, ...optionTitles(k)].join(', ') || '–'
}

function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span role="cell" className={classes.cell}>
      <span className={classes.name} aria-hidden="true">
        {name}
      </span>
      <span className={classes.value}>{children}</span>
    </span>
  )
}

/** A limit that leads to the page that states it. */
function Sourced({ limit }: { limit: Limit }) {
  if (!limit.source) return <span>{limit.text}</span>
  return (
    <Anchor
      href={limit.source}
      target="_blank"
      rel="noreferrer"
      inherit
      underline="hover"
      className={classes.source}
    >
      {limit.text}
    </Anchor>
  )
}

function LoginCard({ login: l, platform }: { login: Login; platform: PlatformInfo }) {
  const named = (kinds: string[]) =>
    kinds.map((kind) => platform.accounts.find((a) => a.kind === kind)?.title ?? kind).join(', ')
  return (
    <article className={classes.login} aria-label={l.title}>
      <header className={classes.loginHead}>
        <PlatformIcon name={l.icon} size={18} />
        <strong>{l.title}</strong>
      </header>
      <p>{l.description}</p>
      <dl className={classes.facts}>
        <dt>For</dt>
        <dd>{named(l.accounts)}</dd>
        <dt>Access</dt>
        <dd>
          {life(l.tokens.access_seconds)}.{' '}
          <Sourced limit={{ text: l.tokens.renewal, source: l.tokens.source }} />
        </dd>
        {l.cannot_delete && l.cannot_delete.length > 0 && (
          <>
            <dt>Cannot delete</dt>
            <dd>posts on {named(l.cannot_delete)}</dd>
          </>
        )}
        <dt>Permissions</dt>
        <dd>
          <ul className={classes.scopes}>
            {l.scopes.map((s) => (
              <li key={s.name}>
                <code>{s.name}</code> {s.why} {!s.required && <em>Optional.</em>}
              </li>
            ))}
          </ul>
        </dd>
        <dt>Taking it back</dt>
        <dd>
          {l.revokes ? 'Herald ends the access when you disconnect. ' : 'Herald cannot end the access. '}
          {l.remove_url && (
            <Anchor href={l.remove_url} target="_blank" rel="noreferrer" inherit>
              {l.revokes ? 'It can also be done there.' : 'It is done there.'}
            </Anchor>
          )}
        </dd>
      </dl>
    </article>
  )
}

function life(seconds: number): string {
  if (seconds === 0) return 'Has no end of its own'
  const hours = seconds / 3600
  return hours < 48
    ? `Lives ${String(Math.round(hours))} hours`
    : `Lives ${String(Math.round(hours / 24))} days`
}
