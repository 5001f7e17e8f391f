// Posts in every state there is, for looking at the page.
import type { Connection } from '../../services/connections'
import type { Job, TimelineEntry } from '../../services/jobs'
import type { Post } from '../../services/posts'
import { job, post } from './data.ts'

const minute = 60_000
const hour = 60 * minute

export function samplePosts(origin: string, accounts: Connection[], now: Date): Post[] {
  const at = (offset: number) => new Date(now.getTime() + offset).toISOString()
  const photo = (id: string, alt: string) => ({
    id,
    type: 'image/jpeg',
    width: 1600,
    height: 1200,
    alt,
    url: `${origin}/v1/media/${id}/content`,
  })
  const make = (id: string, over: Partial<Post>, jobs: Partial<Job>[]): Post => {
    const full = post({ id, created_at: at(-26 * hour), ...over })
    return {
      ...full,
      jobs: jobs.map((j, i) => {
        const account = accounts[i % accounts.length] as Connection
        return job(
          {
            id: `${id}.${account.id}`,
            post_id: id,
            text: full.text,
            publish_at: full.publish_at,
            updated_at: at(-minute),
            ...j,
          },
          account,
        )
      }),
    }
  }
  const link = { external_id: '200_55', permalink: 'https://www.facebook.com/200/posts/55' }
  return [
    make(
      'pst_sched',
      {
        text: 'Advent calendar, door one: our cinnamon knots, half price until noon. Come early, last year they were gone by ten.',
        publish_at: at(30 * hour),
        media: [photo('med_a', 'A tray of cinnamon knots on a wooden counter'), photo('med_b', '')],
      },
      [
        { kind: 'photo' },
        { kind: 'photo' },
        { kind: 'photo', text: 'Door one 🎄 cinnamon knots, half price until noon.' },
      ],
    ),
    make(
      'pst_active',
      { text: 'We are open until eight tonight.', state: 'publishing', publish_at: at(-20_000) },
      [
        { state: 'published', published_at: at(-9000), receipt: link, attempts: 1 },
        { state: 'running', attempts: 1 },
      ],
    ),
    make(
      'pst_held',
      {
        text: 'The new winter menu is here: pumpkin soup, chestnut ravioli, baked apple.',
        state: 'needs_you',
        publish_at: at(-12 * minute),
      },
      [
        {
          state: 'held',
          attempts: 2,
          problem: {
            class: 'unclassified',
            code: '',
            message:
              'The connection broke while the post was being sent, and Facebook does not say whether it has arrived.',
            action: { kind: 'decide', label: 'Decide whether it is there' },
          },
        },
        { state: 'published', published_at: at(-11 * minute), receipt: link, attempts: 1 },
      ],
    ),
    make(
      'pst_blocked',
      {
        text: 'Our roastery tour on Saturday still has four places.',
        state: 'needs_you',
        publish_at: at(-2 * hour),
      },
      [
        { state: 'published', published_at: at(-2 * hour), receipt: link, attempts: 1 },
        { state: 'published', published_at: at(-2 * hour), receipt: link, attempts: 1 },
        { state: 'cancelled' },
        {
          state: 'blocked',
          attempts: 1,
          problem: {
            class: 'auth_revoked',
            code: '190/460',
            message: 'The access to this account has ended because the password was changed.',
            action: { kind: 'reconnect', label: 'Reconnect the account' },
          },
        },
      ],
    ),
    make(
      'pst_failed',
      {
        text: 'Look at this panorama of the harbour!',
        state: 'failed',
        publish_at: at(-5 * hour),
        media: [photo('med_c', 'The harbour at dusk')],
      },
      [
        {
          kind: 'photo',
          state: 'failed',
          attempts: 1,
          problem: {
            class: 'invalid_content',
            code: '100',
            field: 'media[0]',
            message: 'The photo could not be read by Facebook. Save it as JPEG or PNG and send it again.',
            action: { kind: 'edit', label: 'Change the photo' },
            rule: 'https://developers.facebook.com/docs/graph-api/reference/page/photos',
          },
        },
      ],
    ),
    make(
      'pst_done',
      {
        text: 'Thank you for a wonderful summer. The garden is closed from Monday.',
        state: 'published',
        publish_at: at(-50 * hour),
        created_at: at(-80 * hour),
      },
      [
        { state: 'published', published_at: at(-50 * hour), receipt: link, attempts: 1 },
        { state: 'published', published_at: at(-50 * hour), receipt: link, attempts: 3 },
      ],
    ),
    ...Array.from({ length: 30 }, (_, i) =>
      make(
        `pst_old${String(i)}`,
        {
          text: `Soup of the day number ${String(30 - i)}`,
          state: 'published',
          publish_at: at(-(100 + 24 * i) * hour),
        },
        [{ state: 'published', published_at: at(-(100 + 24 * i) * hour), receipt: link, attempts: 1 }],
      ),
    ),
  ]
}

export function sampleTimeline(of: Job): TimelineEntry[] {
  const due = Date.parse(of.publish_at)
  const at = (offset: number) => new Date(due + offset).toISOString()
  const rows: TimelineEntry[] = [{ at: at(-24 * hour), kind: 'accepted', message: 'Accepted and scheduled.' }]
  if (of.state === 'scheduled') return rows
  rows.push({ at: at(300), kind: 'started', attempt: 1, message: 'Publishing began.' })
  if (of.attempts > 1) {
    rows.push({
      at: at(2600),
      kind: 'retry',
      attempt: 1,
      message: 'The platform did not answer in time; trying again in 30 seconds.',
      problem: {
        class: 'transient',
        code: '2',
        message: 'The platform did not answer in time.',
        action: { kind: 'wait', label: '' },
      },
    })
    rows.push({ at: at(32_600), kind: 'started', attempt: 2, message: 'Publishing began again.' })
  }
  if (of.problem)
    rows.push({ at: at(34_000), kind: of.state, message: of.problem.message, problem: of.problem })
  if (of.state === 'published') rows.push({ at: at(35_000), kind: 'published', message: 'Published.' })
  return rows
}
