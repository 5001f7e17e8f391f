// TikTok as its connector describes it, in short, and what its accounts offer.
import type { Offer } from '../../services/offers'
import type { PlatformInfo, PostKind } from '../../services/platforms'
import { platform } from './data.ts'

const docs = 'https://developers.tiktok.com/doc'
const source = `${docs}/content-posting-api-reference-direct-post`
const music =
  '[Music Usage Confirmation](https://www.tiktok.com/legal/page/global/music-usage-confirmation/en)'
const branded = '[Branded Content Policy](https://www.tiktok.com/legal/page/global/bc-policy/en)'

const levels: Record<string, string> = {
  PUBLIC_TO_EVERYONE: 'Everyone',
  MUTUAL_FOLLOW_FRIENDS: 'Friends',
  FOLLOWER_OF_CREATOR: 'Followers',
  SELF_ONLY: 'Only me',
}

const toggle = (title: string, description?: string, off = false) => ({
  type: 'boolean',
  title,
  default: false,
  ...(off ? { const: false } : {}),
  ...(off ? { description: "Switched off in the account's settings." } : description ? { description } : {}),
})
const on = (name: string) => ({ properties: { [name]: { const: true } }, required: [name] })

/** The options of a post that is published at once. */
export function directOptions(
  offered = Object.keys(levels),
  noDuet = false,
  own: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...own,
      privacy_level: {
        type: 'string',
        title: 'Who can see it',
        oneOf: offered.map((level) => ({ const: level, title: levels[level] ?? level })),
      },
      allow_comment: toggle('Allow comments'),
      allow_duet: toggle('Allow duet', undefined, noDuet),
      allow_stitch: toggle('Allow stitch'),
      disclose: toggle(
        'Disclose commercial content',
        'Turn on if this post promotes a brand, a product or a service.',
      ),
      your_brand: toggle(
        'Your brand',
        'You promote yourself or your own business. The post is labeled “Promotional content”.',
      ),
      branded_content: toggle(
        'Branded content',
        'You promote another brand or a third party. The post is labeled “Paid partnership”.',
      ),
      is_aigc: toggle('AI-generated content', 'TikTok shows a label.'),
      consent: { type: 'string', title: 'Declaration' },
    },
    required: ['privacy_level', 'consent'],
    allOf: [
      {
        if: on('disclose'),
        then: {
          description: 'You need to indicate if your content promotes yourself, a third party, or both.',
          anyOf: [on('your_brand'), on('branded_content')],
        },
        else: { properties: { your_brand: { const: false }, branded_content: { const: false } } },
      },
      {
        if: on('branded_content'),
        then: {
          properties: {
            privacy_level: {
              description: 'Branded content visibility cannot be set to private.',
              not: { const: 'SELF_ONLY' },
            },
            consent: {
              const: 'branded_content_and_music_usage',
              title: `By posting, you agree to TikTok's ${branded} and ${music}.`,
            },
          },
        },
        else: {
          properties: {
            consent: { const: 'music_usage', title: `By posting, you agree to TikTok's ${music}.` },
          },
        },
      },
    ],
  }
}

function posts(offered?: string[], noDuet = false, seconds = 3600): PostKind[] {
  const caption = { required: false, max: 2200, unit: 'utf16_units', source } as const
  const description = { ...caption, max: 4000 }
  const clip = {
    types: ['video/mp4', 'video/quicktime'],
    max_bytes: 4_000_000_000,
    min_duration_ms: 1000,
    max_duration_ms: seconds * 1000,
    min_width: 360,
    no_alt: true,
    source: `${docs}/content-posting-api-media-transfer-guide`,
  }
  const picture = { types: ['image/jpeg', 'image/webp'], max_bytes: 4_000_000, no_alt: true, source }
  return [
    {
      kind: 'video',
      title: 'Video',
      link: false,
      text: caption,
      media: { min: 1, max: 1, files: [clip], source },
      preview: 'vertical',
      options: directOptions(offered, noDuet),
      source,
    },
    {
      kind: 'photos',
      title: 'Photos',
      link: false,
      text: description,
      media: { min: 1, max: 35, files: [picture], source },
      preview: 'vertical',
      options: directOptions(offered, noDuet, { title: { type: 'string', title: 'Title', maxLength: 90 } }),
      source,
    },
    {
      kind: 'video_draft',
      title: 'Video for the inbox',
      link: false,
      text: { ...caption, max: 0, none: true },
      media: { min: 1, max: 1, files: [{ ...clip, max_duration_ms: 600_000 }], source },
      preview: 'inbox',
      source,
    },
    {
      kind: 'photos_draft',
      title: 'Photos for the inbox',
      link: false,
      text: description,
      media: { min: 1, max: 35, files: [picture], source },
      preview: 'inbox',
      source,
    },
  ]
}

export function tiktok(over: Partial<PlatformInfo> = {}): PlatformInfo {
  return {
    ...platform(),
    platform: 'tiktok',
    title: 'TikTok',
    color: '#fe2c55',
    icon: 'tiktok',
    api_version: 'v2',
    capabilities: {
      ...platform().capabilities,
      delete: false,
      edit: false,
      comments: false,
      hide: false,
      candidates: false,
      offers: true,
    },
    logins: [
      {
        id: 'tiktok',
        title: 'Log in with TikTok',
        icon: 'tiktok',
        description: 'For your own TikTok account. Posts can be changed and deleted only in the TikTok app.',
        accounts: ['tiktok_account'],
        revokes: true,
        remove_url: 'https://www.tiktok.com/setting',
        tokens: {
          access_seconds: 7200,
          renewal: 'The access ends after two hours and is renewed by itself.',
          source: `${docs}/oauth-user-access-token-management`,
        },
        scopes: [
          {
            name: 'user.info.basic',
            feature: 'discover',
            why: 'Shows Herald which TikTok account is yours.',
            required: true,
          },
          {
            name: 'video.publish',
            feature: 'direct_post',
            why: 'Posts your videos and photos to your profile.',
            required: false,
          },
        ],
      },
    ],
    accounts: [
      {
        kind: 'tiktok_account',
        title: 'TikTok',
        icon: 'tiktok',
        can_delete: false,
        can_edit: false,
        can_comment: false,
        can_report: true,
        can_list: true,
        posts: posts(),
      },
    ],
    ...over,
  }
}

/** What a private account offers. */
export function tiktokOffer(now: Date): Offer {
  return {
    posts: posts(['FOLLOWER_OF_CREATOR', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'], true, 600),
    notices: [
      {
        level: 'info',
        text: 'This is posted as Cafe Ada (@cafe.ada). It may take some minutes until the post can be seen.',
      },
    ],
    as_of: now.toISOString(),
  }
}
