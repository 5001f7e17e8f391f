import IconBookmark from '@tabler/icons-react/icons/IconBookmark'
import IconHeart from '@tabler/icons-react/icons/IconHeart'
import IconMessageCircle from '@tabler/icons-react/icons/IconMessageCircle'
import IconRepeat from '@tabler/icons-react/icons/IconRepeat'
import IconSend from '@tabler/icons-react/icons/IconSend'
import IconShare from '@tabler/icons-react/icons/IconShare3'
import IconThumbUp from '@tabler/icons-react/icons/IconThumbUp'

/** One thing that a reader can do with a post. */
export interface Deed {
  Icon: typeof IconHeart
  name: string
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
}

const like = { Icon: IconThumbUp, name: 'Like' }
const love = { Icon: IconHeart, name: 'Like' }
const comment = { Icon: IconMessageCircle, name: 'Comment' }
const share = { Icon: IconShare, name: 'Share' }
const send = { Icon: IconSend, name: 'Send' }
const repost = { Icon: IconRepeat, name: 'Repost' }
const save = { Icon: IconBookmark, name: 'Save' }

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
}

/** The look of an icon; a plain card where the page knows none. */
export function lookOf(icon: string): Look {
  return looks[icon] ?? plain
}
