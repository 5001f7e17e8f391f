import { Alert, Button, Group, Loader, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createRoute, useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { CandidateList } from '@/components/CandidateList'
import { EmptyState } from '@/components/EmptyState'
import { IconClock, IconInfoCircle } from '@/components/icons'
import { LinkButton } from '@/components/LinkButton'
import { PageHeader } from '@/components/PageHeader'
import { Panel } from '@/components/Panel'
import { ProblemNotice } from '@/components/ProblemNotice'
import { ResumeDialog } from '@/components/ResumeDialog'
import { useNow } from '@/hooks/useNow'
import { connectionsQuery, resumeConnection, type Connection, type ResumeMode } from '@/services/connections'
import { safeNext } from '@/services/next'
import { grantQuery, linkAccounts, type Grant } from '@/services/grants'
import { loginOf, platformsQuery, startURL, type PlatformInfo } from '@/services/platforms'
import { Problem } from '@/services/problem'
import { appRoute } from './app'

export const connectRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/connect/$grantId',
  component: Connect,
})

function Connect() {
  const { grantId } = connectRoute.useParams()
  const grant = useQuery(grantQuery(grantId))
  const platforms = useQuery(platformsQuery)
  const now = useNow(1000)

  const platform = platforms.data?.find((p) => p.platform === grant.data?.platform)
  const gone = grant.error instanceof Problem && grant.error.status === 404
  const over = grant.data !== undefined && Date.parse(grant.data.expires_at) <= now.getTime()

  return (
    <>
      <PageHeader
        title={grant.data?.reconnect ? 'Reconnect' : 'Choose accounts'}
        lead={
          platform && !grant.data?.reconnect
            ? `These are the ${platform.title} accounts your consent reaches. Link those you want to publish to; linking one again renews its access.`
            : undefined
        }
      />
      {gone || over ? (
        <Panel>
          <EmptyState
            icon={<IconClock size={28} />}
            title="This choice has ended"
            action={
              platform ? (
                <Button
                  component="a"
                  href={startURL(platform.platform, grant.data ? { login: grant.data.login } : {})}
                >
                  Connect {platform.title} again
                </Button>
              ) : (
                <LinkButton to="/accounts">Go to your accounts</LinkButton>
              )
            }
          >
            For safety the accounts of a consent can be chosen for 15 minutes only. Nothing was linked; start
            again and it takes just a click.
          </EmptyState>
        </Panel>
      ) : grant.error ? (
        <ProblemNotice error={grant.error} onRetry={() => void grant.refetch()} />
      ) : grant.data ? (
        grant.data.reconnect && grant.data.accounts.some((a) => a.usable) ? (
          <Reconnecting grant={grant.data} />
        ) : (
          <Picker key={grant.data.id} grant={grant.data} platform={platform} now={now} />
        )
      ) : (
        <Skeleton height={220} radius="lg" />
      )}
    </>
  )
}

function Picker({ grant, platform, now }: { grant: Grant; platform: PlatformInfo | undefined; now: Date }) {
  const usable = grant.accounts.filter((a) => a.usable)
  const [chosen, setChosen] = useState(() => usable.map((a) => a.candidate_id))
  const link = useLink(grant)
  const minutes = Math.max(1, Math.ceil((Date.parse(grant.expires_at) - now.getTime()) / 60_000))

  return (
    <Stack gap="lg">
      {grant.declined.length > 0 && <Declined grant={grant} platform={platform} />}
      <Panel flush label="Accounts">
        {grant.accounts.length > 0 ? (
          <CandidateList
            candidates={grant.accounts}
            platform={platform}
            chosen={chosen}
            onChange={setChosen}
          />
        ) : (
          <EmptyState icon={<IconInfoCircle size={28} />} title="No account">
            This login manages no account Herald can publish to. Connect again as somebody who does.
          </EmptyState>
        )}
      </Panel>
      <ProblemNotice error={link.error} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          You can choose for {minutes === 1 ? 'one more minute' : `${String(minutes)} more minutes`}.
        </Text>
        <Group gap="sm">
          <LinkButton variant="default" to="/accounts">
            Link none
          </LinkButton>
          <Button
            disabled={chosen.length === 0}
            loading={link.isPending}
            onClick={() => {
              link.mutate(chosen)
            }}
          >
            {chosen.length === 1 ? 'Link one account' : `Link ${String(chosen.length)} accounts`}
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

/** Who reconnects has chosen the account already: its access is renewed without another question. */
function Reconnecting({ grant }: { grant: Grant }) {
  const queryClient = useQueryClient()
  const done = useDone(grant)
  const link = useLink(grant)
  const resume = useMutation({
    mutationFn: ({ id, mode }: { id: string; mode: ResumeMode }) => resumeConnection(id, mode),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
      await done()
    },
  })
  const healed = link.data?.find((c) => waits(c))
  const started = useRef(false)
  const renew = () => {
    link.mutate(grant.accounts.filter((a) => a.usable).map((a) => a.candidate_id))
  }
  useEffect(() => {
    if (started.current) return
    started.current = true
    renew()
  })
  return (
    <Panel>
      {healed && (
        <ResumeDialog
          name={healed.name}
          waiting={healed.waiting_jobs ?? 0}
          busy={resume.isPending}
          error={resume.error}
          onChoose={(mode) => {
            resume.mutate({ id: healed.id, mode })
          }}
          onLater={() => void done()}
        />
      )}
      {link.error ? (
        <ProblemNotice error={link.error} onRetry={renew} />
      ) : (
        <Group role="status">
          <Loader size="sm" />
          <Text>Renewing the access of {grant.accounts[0]?.name}…</Text>
        </Group>
      )}
    </Panel>
  )
}

function waits(c: Connection) {
  return (c.waiting_jobs ?? 0) > 0
}

/** Where the person goes when everything is said. */
function useDone(grant: Grant) {
  const router = useRouter()
  return () => router.navigate({ to: safeNext(grant.return_to, '/accounts'), replace: true })
}

function useLink(grant: Grant) {
  const queryClient = useQueryClient()
  const done = useDone(grant)
  const ask = Boolean(grant.reconnect)
  return useMutation({
    mutationFn: (ids: string[]) => linkAccounts(grant.id, ids, ask),
    onSuccess: async (linked) => {
      await queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey })
      if (ask && linked.some(waits)) return // the dialog asks first
      const one = linked[0]?.name ?? ''
      notifications.show({
        color: 'green',
        message: grant.reconnect
          ? `${one} is connected again.`
          : linked.length === 1
            ? `${one} is linked.`
            : `${String(linked.length)} accounts are linked.`,
      })
      await done()
    },
  })
}

/** What the person did not permit, and what does not work without it. */
function Declined({ grant, platform }: { grant: Grant; platform: PlatformInfo | undefined }) {
  return (
    <Alert color="yellow" icon={<IconInfoCircle aria-hidden />} title="Some permissions were not given">
      <Stack gap={6}>
        {grant.declined.map((name) => {
          const scope = loginOf(platform, grant.login)?.scopes.find((s) => s.name === name)
          return (
            <Text size="sm" key={name}>
              {scope ? scope.why : 'A permission this page does not know.'}{' '}
              {scope?.required ? 'Without it an account cannot be used.' : 'The rest works without it.'}{' '}
              <Text span size="xs" c="dimmed">
                ({name})
              </Text>
            </Text>
          )
        })}
        {platform && (
          <Group>
            <Button
              component="a"
              href={startURL(platform.platform, { login: grant.login })}
              size="compact-sm"
              variant="default"
            >
              Connect again and permit it
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  )
}
