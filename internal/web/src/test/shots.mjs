// Pictures of every screen at two widths in both colour schemes, to be looked at:
//   npm run stub &  then  npm run shots
// BASE is where the page is served, SHOTS the folder for the pictures, CHROMIUM the browser, ONLY a part of a name.
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const base = process.env.BASE ?? 'http://localhost:5173'
const folder = process.env.SHOTS ?? 'shots'
const only = process.env.ONLY ?? ''
mkdirSync(folder, { recursive: true })

const draft = {
  id: 'shots',
  targets: ['con_1', 'con_2', 'con_3'],
  text: 'Advent calendar, door one: our cinnamon knots, half price until noon.\n\nCome early, last year they were gone by ten.',
  own: { con_3: 'Door one 🎄 cinnamon knots, half price until noon. '.repeat(48) },
  kinds: {},
  options: {},
  link: '',
  media: [],
  when: 'later',
  date: '2027-03-28',
  time: '02:30:00',
  fold: 'first',
}
const photo = {
  id: 'med_a',
  name: 'knots.jpg',
  type: 'image/jpeg',
  bytes: 2_400_000,
  width: 1600,
  height: 1200,
  alt: 'A tray of cinnamon knots',
}
const calm = { ...draft, own: {}, media: [photo], date: '2026-12-01', time: '07:00:00' }
const jpeg = (id, name, width = 1600, height = 1200) => ({ ...photo, id, name, width, height, alt: '' })
const clip = { ...jpeg('med_b', 'oven.mp4', 1080, 1920), type: 'video/mp4', duration_ms: 42_000 }
const paper = { ...jpeg('med_h', 'winter menu.pdf', 0, 0), type: 'application/pdf', pages: 12 }
const long =
  'Advent calendar, door one: our cinnamon knots, half price until noon. #advent #cinnamon\n\nCome early, last year they were gone by ten. There is coffee while you wait, from the first roast of the winter, and the oven stays open for everybody who wants to see how a knot is made.\n\nhttps://cafe-ada.example/advent with @adas.friends'
const three = {
  ...calm,
  text: long,
  targets: ['con_1', 'con_5', 'con_7'],
  options: { con_7: { disclose: true, branded_content: true } },
}
const to = (id, kind, over = {}) => ({
  ...calm,
  text: long,
  targets: [id],
  kinds: kind ? { [id]: kind } : {},
  ...over,
})
const article = { link: 'https://cafe-ada.example/advent', media: [jpeg('med_a', 'knots.jpg')] }
const poll = {
  question: 'Which knot comes first?',
  options: ['Cinnamon', 'Cardamom'],
  duration: 'THREE_DAYS',
}
const previews = [
  ['facebook-text', to('con_1', 'text', { media: [] })],
  [
    'facebook-photos',
    to('con_1', 'photo', { media: ['a', 'c', 'd', 'e', 'f'].map((n) => jpeg(`med_${n}`, n)) }),
  ],
  ['facebook-story', to('con_1', 'photo_story')],
  ['instagram-carousel', to('con_3', 'photo', { media: [photo, jpeg('med_c', 'c')] })],
  ['linkedin-article', to('con_5', '', { ...article, options: { con_5: { title: 'Advent at Cafe Ada' } } })],
  ['linkedin-images', to('con_5', '', { media: ['a', 'c', 'd'].map((n) => jpeg(`med_${n}`, n)) })],
  ['linkedin-document', to('con_5', '', { media: [paper], options: { con_5: { title: 'Winter menu' } } })],
  ['linkedin-poll', to('con_5', 'poll', { media: [], options: { con_5: poll } })],
  ['linkedin-reshare', to('con_6', 'reshare', { media: [] })],
  ['tiktok-video', to('con_7', '', { media: [clip] })],
  [
    'tiktok-photos',
    to('con_7', 'photos', { media: [photo, jpeg('med_c', 'c')], options: { con_7: { title: 'Door one' } } }),
  ],
  ['tiktok-draft', to('con_7', 'video_draft', { media: [clip] })],
]
const story = { ...calm, targets: ['con_1'], kinds: { con_1: 'photo_story' } }

const keep = (d) => (page) =>
  page.addInitScript((text) => {
    localStorage.setItem('herald.draft.ten_1.mem_1', text)
  }, JSON.stringify(d))
const click = (name) => async (page) => {
  await page.getByRole('button', { name }).first().click()
  await page.waitForTimeout(400)
}

// name, path, what to do before the page opens, what to do on it
const screens = [
  ['login', '/login?ended=true'],
  ['signup', '/signup', signedOut],
  ['posts', '/posts'],
  ['posts-needs-you', '/posts?state=needs_you'],
  ['posts-empty', '/posts?state=failed', empty],
  ['post-scheduled', '/posts/pst_sched'],
  ['post-held', '/posts/pst_held'],
  ['post-held-dialog', '/posts/pst_held', null, click('Decide')],
  ['post-blocked', '/posts/pst_blocked'],
  ['post-failed', '/posts/pst_failed'],
  ['post-edit', '/posts/pst_done', null, click('Edit text')],
  ['post-move', '/posts/pst_sched', null, click('Reschedule')],
  ['compose-empty', '/compose'],
  ['compose', '/compose', keep(calm)],
  ['compose-story', '/compose', keep(story)],
  ['compose-three', '/compose', keep(three)],
  ...previews.map(([name, d]) => [`preview-${name}`, '/compose', keep(d)]),
  ['capabilities', '/capabilities'],
  ['compose-problems', '/compose', keep(draft)],
  ['accounts', '/accounts'],
  ['accounts-problem', '/accounts?problem=permission_missing&platform=meta'],
  ['accounts-disconnect', '/accounts', null, disconnect],
  ['comments', '/comments?state=all'],
  ['comments-reply', '/comments', null, click('Reply')],
  ['comments-none', '/comments?state=hidden&account=con_2'],
  ['post-published', '/posts/pst_done'],
  ['account', '/accounts/con_1'],
  ['account-blocked', '/accounts/con_4'],
  ['connect', '/connect/grt_1'],
  ['connect-gone', '/connect/grt_gone'],
  ['library', '/library', interrupted],
  ['library-file', '/library', null, click('knots.jpg')],
  ['library-picker', '/compose', keep(calm), click('from the library')],
  ['settings', '/settings'],
  ['events', '/events'],
  ['events-failed', '/events?state=failed'],
  ['event', '/events', null, click('Comment')],
  ['notices', '/posts', null, click(/^Notices/)],
  ['not-found', '/nothing/here'],
]

async function signedOut(page) {
  await page.route('**/v1/session', (route) =>
    route.fulfill({ status: 401, json: { status: 401, class: 'unauthorized' } }),
  )
}

async function empty(page) {
  await page.route('**/v1/posts?*', (route) => route.fulfill({ json: { items: [] } }))
}

async function interrupted(page) {
  const begun = {
    id: 'med_half',
    name: 'advent-film.mov',
    size: 40_000_000,
    modified: 1,
    until: Date.now() + 3_600_000,
  }
  await page.addInitScript(
    (text) => {
      localStorage.setItem('herald.uploads.ten_1.mem_1', text)
    },
    JSON.stringify([begun]),
  )
  await page.route('**/v1/media/med_half/parts', (route) =>
    route.fulfill({
      json: { part_bytes: 8_388_608, parts: 5, arrived: [1, 2, 3], expires_at: new Date().toISOString() },
    }),
  )
}

async function disconnect(page) {
  await page.getByRole('button', { name: /^More about Ada Roastery/ }).click()
  await page.getByRole('menuitem', { name: 'Disconnect' }).click()
  await page.waitForTimeout(400)
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
let complaints = 0
for (const width of [1440, 390]) {
  for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({
      viewport: { width, height: width === 390 ? 844 : 900 },
      colorScheme: scheme,
      locale: 'en-GB',
      reducedMotion: 'reduce',
    })
    for (const [name, path, before, act] of screens) {
      if (!name.includes(only)) continue
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error' && !/40[14]|Failed to load resource/.test(message.text())) {
          complaints++
          console.log(`${name} ${width} ${scheme}: ${message.text()}`)
        }
      })
      page.on('pageerror', (error) => {
        complaints++
        console.log(`${name} ${width} ${scheme}: ${error.message}`)
      })
      if (before) await before(page)
      await page.goto(base + path)
      await page.waitForLoadState('networkidle', { timeout: 4000 }).catch(() => undefined)
      await page.waitForTimeout(700)
      if (act) await act(page)
      await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png`, fullPage: !act })
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      if (wider) {
        complaints++
        console.log(`${name} ${width} ${scheme}: wider than the screen`)
      }
      await page.close()
    }
    await context.close()
  }
}
await browser.close()
console.log(`${complaints} complaints`)
