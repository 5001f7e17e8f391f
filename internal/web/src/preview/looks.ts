import IconBookmark from '@tabler/icons-react/icons/IconBookmark'
import IconBookmarkFilled from '@tabler/icons-react/icons/IconBookmarkFilled'
import IconDots from '@tabler/icons-react/icons/IconDots'
import IconHeart from '@tabler/icons-react/icons/IconHeart'
import IconHeartFilled from '@tabler/icons-react/icons/IconHeartFilled'
import IconMessageCircle from '@tabler/icons-react/icons/IconMessageCircle'
import IconMessageCircleFilled from '@tabler/icons-react/icons/IconMessageCircleFilled'
import IconRepeat from '@tabler/icons-react/icons/IconRepeat'
import IconSend from '@tabler/icons-react/icons/IconSend'
import IconShare from '@tabler/icons-react/icons/IconShare3'
import IconThumbUp from '@tabler/icons-react/icons/IconThumbUp'

/** One thing that a reader can do with a post. */
export interface Deed {
  Icon: typeof IconHeart
  name: string
}

/** What stands around a video that fills the screen. */
export interface Screen {
  tabs: string[] // at the top; the last one is open
  deeds: Deed[] // on the right, from above
  face: 'rail' | 'name' // where the account's picture is: on top of the deeds, or beside the name
  follow: boolean // a button beside the name
  sound: string // what the sound of a new video is called, before the account's name; empty = not shown
}

/** How posts look where the icon of this name belongs; colours are in preview.module.css under the same name. */
export interface Look {
  more: string // what stands where a text is cut
  feed: { lines: number; chars: number } // of a text that is shown before it is cut
  vertical: { lines: number; chars: number }
  when: string // what stands below the name
  deeds: Deed[]
  named: boolean // the deeds have words beside their signs
  photos: number // the most that are shown at once; the last one tells how many more there are
  handle: boolean // accounts are called by their user names
  site: 'above' | 'below' // where the card of a link has the name of the site
  screen: Screen
}

const like = { Icon: IconThumbUp, name: 'Like' }
const love = { Icon: IconHeart, name: 'Like' }
const comment = { Icon: IconMessageCircle, name: 'Comment' }
const share = { Icon: IconShare, name: 'Share' }
const send = { Icon: IconSend, name: 'Send' }
const repost = { Icon: IconRepeat, name: 'Repost' }
const save = { Icon: IconBookmark, name: 'Save' }
const more = { Icon: IconDots, name: 'More' }

const bare: Screen = { tabs: [], deeds: [], face: 'name', follow: false, sound: '' }

// Where a platform cuts depends on the screen; these are what a phone shows.
const looks: Record<string, Look> = {
  facebook: {
    more: 'See more',
    feed: { lines: 5, chars: 440 },
    vertical: { lines: 2, chars: 72 },
    when: 'Just now',
    deeds: [like, comment, share],
    named: true,
    photos: 4,
    handle: false,
    site: 'above',
    screen: { ...bare, deeds: [like, comment, share, more], follow: true },
  },
  instagram: {
    more: 'more',
    feed: { lines: 2, chars: 110 },
    vertical: { lines: 1, chars: 52 },
    when: '',
    deeds: [love, comment, send, save],
    named: false,
    photos: 1,
    handle: true,
    site: 'above',
    screen: { ...bare, deeds: [love, comment, repost, send, more], follow: true, sound: 'Original audio' },
  },
  linkedin: {
    more: '…more',
    feed: { lines: 3, chars: 200 },
    vertical: { lines: 2, chars: 72 },
    when: 'Now',
    deeds: [like, comment, repost, send],
    named: true,
    photos: 4,
    handle: false,
    site: 'below',
    screen: { ...bare, deeds: [like, comment, repost, send] },
  },
  tiktok: {
    more: 'more',
    feed: { lines: 2, chars: 90 },
    vertical: { lines: 2, chars: 84 },
    when: '',
    deeds: [love, comment, save, share],
    named: false,
    photos: 1,
    handle: true,
    site: 'above',
    screen: {
      tabs: ['Following', 'For You'],
      deeds: [
        { Icon: IconHeartFilled, name: 'Like' },
        { Icon: IconMessageCircleFilled, name: 'Comment' },
        { Icon: IconBookmarkFilled, name: 'Save' },
        share,
      ],
      face: 'rail',
      follow: false,
      sound: 'original sound',
    },
  },
}

const plain: Look = {
  more: 'more',
  feed: { lines: 6, chars: 400 },
  vertical: { lines: 2, chars: 80 },
  when: '',
  deeds: [],
  named: false,
  photos: 4,
  handle: false,
  site: 'above',
  screen: bare,
}

/** The look of an icon; a plain card where the page knows none. */
export function lookOf(icon: string): Look {
  return looks[icon] ?? plain
}
