import {
  Alert,
  Anchor,
  Button,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { ConfirmDialog } from '@/components/ConfirmDialog'
import { EmptyState } from '@/components/EmptyState'
import { FieldProblems } from '@/components/FieldProblems'
import { IconPlug, IconPencil } from '@/components/icons'
import { LibraryPicker } from '@/components/LibraryPicker'
import { MediaTray } from '@/components/MediaTray'
import { LinkButton } from '@/components/LinkButton'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { ProblemNotice } from '@/components/ProblemNotice'
import { SendBar } from '@/components/SendBar'
import { TargetCard } from '@/components/TargetCard'
import { TargetPicker } from '@/components/TargetPicker'
import { TextCounters } from '@/components/TextCounters'
import { WhenFields } from '@/components/WhenFields'
import { attached, isEmpty, plannedAt, requestOf, movedUp, placed } from '@/compose/draft'
import {
  acceptedTypes,
  asSent,
  fittingKinds,
  kindFor,
  optionsSuffice,
  refusal,
  takesAlt,
} from '@/compose/kinds'
import { sortProblems } from '@/compose/problems'
import { useCheck } from '@/hooks/useCheck'
import { useDraft } from '@/hooks/useDraft'
import { useEditOf } from '@/hooks/useEditOf'
import { useNow } from '@/hooks/useNow'
import { useSend } from '@/hooks/useSend'
import { useSession } from '@/hooks/useSession'
import { stopOf, useTargets } from '@/hooks/useTargets'
import { useUploads } from '@/hooks/useUploads'
import { connectionsQuery, type Connection } from '@/services/connections'
import { platformsQuery, type PlatformInfo } from '@/services/platforms'
import { postQuery } from '@/services/posts'
import { may } from '@/services/roles'
import { short } from '@/time/format'
import { wallOf } from '@/time/zone'
import { composeRoute } from './compose'
import classes from './compose.module.css'

export function ComposePage() {
  const session = useSession()
  const connections = useQuery(connectionsQuery)
  const platforms = useQuery(platformsQuery)
  const error = connections.error ?? platforms.error
  if (!may(session, 'compose')) {
    return (
      <>
        <PageHeader title="Compose" />
        <Panel>
          <EmptyState icon={<IconPencil size={28} />} title="You may read, not write">
            An owner or admin of {session.workspace.name} can make you an editor.
          </EmptyState>
        </Panel>
      </>
    )
  }
  if (connections.data && platforms.data) {
    return connections.data.length > 0 ? (
      <Composer connections={connections.data} platforms={platforms.data} />
    ) : (
      <>
        <PageHeader title="Compose" />
        <Panel>
          <EmptyState
            icon={<IconPlug size={28} />}
            title="Link an account to begin"
            action={<LinkButton to="/accounts">Go to accounts</LinkButton>}
          >
            Posts go to the accounts you link. It takes a minute.
          </EmptyState>
        </Panel>
      </>
    )
  }
  return (
    <>
      <PageHeader title="Compose" />
      {error ? <ProblemNotice error={error} /> : <Skeleton height={380} radius="lg" />}
    </>
  )
}

function Composer({ connections, platforms }: { connections: Connection[]; platforms: PlatformInfo[] }) {
  const session = useSession()
  const zone = session.workspace.time_zone
  const now = useNow(1000)
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { from, target } = composeRoute.useSearch()
  const { draft: stored, kept, change, clear } = useDraft(`${session.workspace.id}.${session.member.id}`)
  // An account that was disconnected since cannot be a target any more.
  const draft = { ...stored, targets: stored.targets.filter((id) => connections.some((c) => c.id === id)) }
  const edit = useEditOf(from, target, draft, change)

  const [previews, setPreviews] = useState<Record<string, string>>({})
  const [refusedFiles, setRefusedFiles] = useState<string[]>([])
  const [dropping, setDropping] = useState(false)
  const [picking, setPicking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const places = useRef(new Map<string, number>())
  const { uploads, unfinished, add, cancel, retry, discard } = useUploads({
    owner: `${session.workspace.id}.${session.member.id}`,
    onReady: (media, preview, place) => {
      setPreviews((all) => ({ ...all, [media.id]: preview }))
      places.current.set(media.id, place)
      change((d) => ({ media: placed(d.media, attached(media), places.current) }))
      void queryClient.invalidateQueries({ queryKey: ['media', 'list'] })
    },
  })

  const chosen = useTargets(draft.targets, connections, platforms)
  const sent = asSent(draft, new Map(chosen.map((t) => [t.connection.id, t.account])))
  const body = requestOf(sent, zone)
  const kinds = chosen.flatMap((t) => kindFor(t.account, draft, draft.kinds[t.connection.id]) ?? [])
  const empty = isEmpty(draft) && !kinds.some(optionsSuffice)
  const check = useCheck(body, draft.targets.length > 0 && !empty)
  const sender = useSend({
    draft: sent,
    zone,
    change,
    onSent: (post) => {
      clear()
      queryClient.setQueryData(postQuery(post.id).queryKey, post)
      void queryClient.invalidateQueries({ queryKey: ['posts'], refetchType: 'none' })
      void navigate({ to: '/posts/$postId', params: { postId: post.id } })
    },
  })
  const found = sender.refused.length > 0 ? sender.refused : check.problems
  const problems = sortProblems(found, draft.targets)

  const accounts = chosen.map((t) => t.account)
  const takesMedia = accounts.length > 0 ? accounts : platforms.flatMap((p) => p.accounts)
  const takesLink =
    chosen.length === 0 || chosen.some((t) => fittingKinds(t.account, draft.media).some((k) => k.link))
  const takesText = kinds.length === 0 || kinds.some((k) => !k.text.none)
  const at = plannedAt(draft, zone)
  const late = at !== null && at.getTime() < now.getTime() - 60_000

  const addFiles = (files: File[]) => {
    const judged = files.map((file) => ({
      file,
      no: refusal({ name: file.name, type: file.type, bytes: file.size }, takesMedia),
    }))
    setRefusedFiles(judged.flatMap((j) => j.no ?? []))
    add(judged.filter((j) => j.no === null).map((j) => j.file))
  }

  return (
    <>
      <PageHeader title="Compose" lead="One post for every account you choose." />
      {edit.conflict && (
        <Alert color="yellow" mb="lg" role="alert" title="You have an unfinished draft">
          <Text size="sm">Editing the other post replaces it.</Text>
          <Group mt="sm" gap="sm">
            <Button size="compact-sm" onClick={edit.replace}>
              Edit the other post
            </Button>
            <Button size="compact-sm" variant="default" onClick={edit.keep}>
              Keep my draft
            </Button>
          </Group>
        </Alert>
      )}
      <ProblemNotice error={edit.error} />
      {sender.changedSince && (
        <Alert color="yellow" mb="lg" role="alert" title="Your last try may have arrived">
          <Text size="sm">
            No answer came, and you have changed the text since. Look at your{' '}
            <Anchor component={Link} to="/posts" inherit>
              posts
            </Anchor>{' '}
            first: sending this could make a second post.
          </Text>
        </Alert>
      )}
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault()
          sender.send()
        }}
      >
        <div className={classes.columns}>
          <Stack gap="lg">
            <Panel title="Accounts">
              <TargetPicker
                connections={connections}
                platforms={platforms}
                chosen={draft.targets}
                onChange={(targets) => {
                  change({ targets })
                }}
              />
              <FieldProblems problems={problems.targets} />
            </Panel>
            <Panel title="Content">
              <Stack gap="md">
                {takesText && (
                  <Textarea
                    label="Text"
                    placeholder="What do you want to say?"
                    autosize
                    minRows={6}
                    maxRows={24}
                    value={draft.text}
                    onChange={(e) => {
                      change({ text: e.currentTarget.value })
                    }}
                  />
                )}
                {takesText && <TextCounters targets={chosen} draft={draft} />}
                <FieldProblems problems={problems.text} />
                {(takesLink || draft.link !== '') && (
                  <TextInput
                    label="Link"
                    placeholder="https://"
                    type="url"
                    value={draft.link}
                    onChange={(e) => {
                      change({ link: e.currentTarget.value })
                    }}
                  />
                )}
                <FieldProblems problems={problems.link} />
                <MediaTray
                  media={draft.media}
                  uploads={uploads}
                  unfinished={unfinished}
                  previews={previews}
                  accept={acceptedTypes(takesMedia)}
                  refused={refusedFiles}
                  takesAlt={(type) => kinds.length === 0 || kinds.some((k) => takesAlt(k, type))}
                  problems={problems.media}
                  fileProblems={problems.file}
                  onFiles={addFiles}
                  onAlt={(id, alt) => {
                    change((d) => ({ media: d.media.map((m) => (m.id === id ? { ...m, alt } : m)) }))
                  }}
                  onUp={(id) => {
                    change((d) => ({ media: movedUp(d.media, id) }))
                  }}
                  onRemove={(id) => {
                    change((d) => ({ media: d.media.filter((m) => m.id !== id) }))
                  }}
                  onCancel={cancel}
                  onRetry={retry}
                  onDiscard={discard}
                  onLibrary={() => {
                    setPicking(true)
                  }}
                />
              </Stack>
            </Panel>
            <Panel title="When">
              <Stack gap="md">
                <SegmentedControl
                  aria-label="When"
                  w="fit-content"
                  value={draft.when}
                  data={[
                    { value: 'now', label: 'Now' },
                    { value: 'later', label: 'At a time' },
                  ]}
                  onChange={(when) => {
                    const hour = wallOf(
                      zone,
                      new Date((Math.floor(now.getTime() / 3_600_000) + 2) * 3_600_000),
                    )
                    change(
                      when === 'later' ? { ...(draft.date ? {} : hour), when: 'later' } : { when: 'now' },
                    )
                  }}
                />
                {draft.when === 'later' ? (
                  <WhenFields
                    value={{ date: draft.date, time: draft.time, fold: draft.fold }}
                    zone={zone}
                    now={now}
                    problems={problems.when}
                    onChange={change}
                  />
                ) : (
                  <FieldProblems problems={problems.when} />
                )}
              </Stack>
            </Panel>
          </Stack>
          <div className={classes.aside}>
            <Panel flush title="What each account gets">
              {chosen.length === 0 ? (
                <Text size="sm" c="dimmed" p="md">
                  Choose an account to see its limits here.
                </Text>
              ) : (
                <div className={classes.targets}>
                  {chosen.map(({ connection: c, ...t }) => (
                    <TargetCard
                      key={c.id}
                      target={{ connection: c, ...t }}
                      text={draft.text}
                      own={draft.own[c.id]}
                      chosenKind={draft.kinds[c.id]}
                      options={draft.options[c.id] ?? {}}
                      link={draft.link}
                      media={draft.media}
                      previews={previews}
                      problems={problems.target.get(c.id) ?? []}
                      onOwn={(text) => {
                        change((d) => {
                          const { [c.id]: _, ...others } = d.own
                          return { own: text === undefined ? others : { ...others, [c.id]: text } }
                        })
                      }}
                      onKind={(kind) => {
                        change((d) => ({ kinds: { ...d.kinds, [c.id]: kind } }))
                      }}
                      onOptions={(options) => {
                        change((d) => ({ options: { ...d.options, [c.id]: options } }))
                      }}
                    />
                  ))}
                </div>
              )}
            </Panel>
          </div>
        </div>
        <FieldProblems problems={problems.other} />
        {sender.error !== null && sender.refused.length === 0 && (
          <div className={classes.notice}>
            <ProblemNotice error={sender.error} />
          </div>
        )}
        <SendBar
          targets={draft.targets.length}
          empty={empty}
          uploading={uploads.length}
          asking={chosen.find((t) => t.asking)?.platform.title}
          stopped={draft.when === 'now' ? chosen.find((t) => stopOf(t))?.connection.name : undefined}
          problems={found.length}
          onShow={() => {
            const inside = (what: string) => form.current?.querySelector<HTMLElement>(what)
            const first = inside('[aria-invalid="true"], [data-field-problems]') ?? inside('[data-problem]')
            first?.scrollIntoView({ block: 'center', behavior: 'smooth' })
            first?.focus({ preventScroll: true })
          }}
          checked={check.settled}
          unanswered={check.unanswered}
          kept={kept}
          sending={sender.sending}
          repeatable={sender.repeatable}
          when={draft.when === 'now' ? 'now' : at && !late ? short(zone, at, now) : null}
          onDiscard={() => {
            setDropping(true)
          }}
        />
      </form>
      <LibraryPicker
        opened={picking}
        onChoose={(files) => {
          change((d) => ({
            media: [...d.media, ...files.filter((f) => !d.media.some((m) => m.id === f.id)).map(attached)],
          }))
          setPicking(false)
        }}
        onClose={() => {
          setPicking(false)
        }}
      />
      <ConfirmDialog
        opened={dropping}
        danger
        title="Discard this draft?"
        confirm="Discard it"
        busy={false}
        error={null}
        onConfirm={() => {
          for (const u of uploads) cancel(u.key)
          clear()
          setRefusedFiles([])
          setDropping(false)
        }}
        onClose={() => {
          setDropping(false)
        }}
      >
        <Text size="sm">Text, photos and choices of accounts are emptied. Nothing has been sent.</Text>
      </ConfirmDialog>
    </>
  )
}
