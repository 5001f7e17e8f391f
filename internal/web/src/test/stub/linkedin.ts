// LinkedIn as its connector describes it, in short.
import type { PlatformInfo, PostKind } from '../../services/platforms'
import { platform } from './data.ts'

const docs = 'https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares'
const source = `${docs}/posts-api`

const visibility = {
  type: 'string',
  title: 'Who can see it',
  oneOf: [
    { const: 'PUBLIC', title: 'Everybody' },
    { const: 'CONNECTIONS', title: 'Connections only' },
  ],
  default: 'PUBLIC',
}
const comment = {
  type: 'string',
  title: 'First comment',
  description: 'Written below the post right after it is published.',
  minLength: 1,
  maxLength: 1250,
}

function options(own: Record<string, unknown>, required: string[], member: boolean): Record<string, unknown> {
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...own, ...(member ? { visibility } : {}), first_comment: comment },
    ...(required.length > 0 ? { required } : {}),
  }
}

const title = (about: string) => ({ type: 'string', title: about, minLength: 1, maxLength: 400 })

function posts(member: boolean): PostKind[] {
  const text = {
    required: false,
    max: 3000,
    unit: 'utf16_units',
    doubled: '|{}@[]()<>#\\*_~',
    source,
  } as const
  const needed = { ...text, required: true }
  const pictures = { types: ['image/jpeg', 'image/png', 'image/gif'], max_alt: 4086, source }
  const none = { min: 0, max: 0, source }
  const plain = options({}, [], member)
  return [
    { kind: 'text', title: 'Text', link: false, text: needed, media: none, options: plain, source },
    {
      kind: 'article',
      title: 'Link',
      link: true,
      link_required: true,
      text: needed,
      media: { min: 0, max: 1, files: [pictures], source },
      options: options(
        {
          title: { ...title('Title of the page'), description: 'LinkedIn does not look at the page itself.' },
          description: { type: 'string', title: 'What the page is about', maxLength: 4000 },
        },
        ['title'],
        member,
      ),
      source,
    },
    {
      kind: 'image',
      title: 'Picture',
      link: false,
      text,
      media: { min: 1, max: 1, files: [pictures], source },
      options: plain,
      source,
    },
    {
      kind: 'images',
      title: 'Several pictures',
      link: false,
      text,
      media: { min: 2, max: 20, files: [pictures], source },
      options: plain,
      source,
    },
    {
      kind: 'video',
      title: 'Video',
      link: false,
      text,
      media: {
        min: 1,
        max: 1,
        files: [
          {
            types: ['video/mp4'],
            min_bytes: 76_800,
            max_bytes: 500_000_000,
            min_duration_ms: 3000,
            max_duration_ms: 1_800_000,
            no_alt: true,
            source: `${docs}/videos-api`,
          },
        ],
        source,
      },
      options: plain,
      source,
    },
    {
      kind: 'document',
      title: 'Document',
      link: false,
      text,
      media: {
        min: 1,
        max: 1,
        files: [
          {
            types: [
              'application/pdf',
              'application/vnd.ms-powerpoint',
              'application/vnd.openxmlformats-officedocument.presentationml.presentation',
              'application/msword',
              'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
            ],
            max_bytes: 100_000_000,
            max_pages: 300,
            no_alt: true,
            source: `${docs}/documents-api`,
          },
        ],
        source,
      },
      options: options(
        { title: { ...title('Title'), description: 'Shown above the document.' } },
        ['title'],
        member,
      ),
      source,
    },
    {
      kind: 'poll',
      title: 'Poll',
      link: false,
      text: needed,
      media: none,
      preview: 'poll',
      options: options(
        {
          question: { type: 'string', title: 'Question', minLength: 1, maxLength: 140 },
          options: {
            type: 'array',
            title: 'Answers',
            minItems: 2,
            maxItems: 4,
            items: { type: 'string', minLength: 1, maxLength: 30 },
          },
          duration: {
            type: 'string',
            title: 'Open for',
            oneOf: [
              { const: 'ONE_DAY', title: '1 day' },
              { const: 'THREE_DAYS', title: '3 days' },
              { const: 'SEVEN_DAYS', title: '1 week' },
              { const: 'FOURTEEN_DAYS', title: '2 weeks' },
            ],
            default: 'THREE_DAYS',
          },
        },
        ['question', 'options', 'duration'],
        member,
      ),
      source: `${docs}/poll-post-api`,
    },
    {
      kind: 'reshare',
      title: 'Repost',
      link: false,
      text,
      media: none,
      preview: 'share',
      options: options(
        {
          post: {
            type: 'string',
            title: 'Post to repost',
            description: 'Its address on linkedin.com, or its URN.',
            maxLength: 2000,
          },
        },
        ['post'],
        member,
      ),
      source,
    },
  ]
}

export function linkedin(over: Partial<PlatformInfo> = {}): PlatformInfo {
  const scope = (name: string, feature: string, why: string) => ({ name, feature, why, required: true })
  const tokens = {
    access_seconds: 5_184_000,
    renewal: 'The access ends after 60 days. You are asked to connect again a week before.',
    source: 'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
  }
  const account = {
    icon: 'linkedin',
    can_delete: true,
    can_edit: true,
    can_comment: true,
    can_report: true,
  }
  return {
    ...platform(),
    platform: 'linkedin',
    title: 'LinkedIn',
    color: '#0a66c2',
    icon: 'linkedin',
    api_version: '202609',
    sunset: '2027-09-15',
    capabilities: { ...platform().capabilities, hide: false, candidates: false },
    logins: [
      {
        id: 'community',
        title: 'LinkedIn with Pages',
        icon: 'linkedin',
        description: 'For your profile and for the Pages that you manage, with comments and numbers.',
        accounts: ['linkedin_member', 'linkedin_organization'],
        revokes: true,
        remove_url: 'https://www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services',
        tokens,
        scopes: [
          scope('r_basicprofile', 'discover', 'Shows Herald who you are.'),
          scope('w_member_social', 'publish', 'Publishes your posts to your profile.'),
          scope('w_organization_social', 'publish', 'Publishes your posts to the Page.'),
        ],
      },
      {
        id: 'personal',
        title: 'LinkedIn profile only',
        icon: 'linkedin',
        description: 'For your own profile. Comments and numbers are not available.',
        accounts: ['linkedin_member'],
        revokes: true,
        remove_url: 'https://www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services',
        tokens,
        scopes: [scope('openid', 'discover', 'Shows Herald who you are.')],
      },
    ],
    accounts: [
      { ...account, kind: 'linkedin_member', title: 'LinkedIn profile', can_list: false, posts: posts(true) },
      {
        ...account,
        kind: 'linkedin_organization',
        title: 'LinkedIn Page',
        can_list: true,
        posts: posts(false),
      },
    ],
    ...over,
  }
}
