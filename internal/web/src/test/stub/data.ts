// Made-up answers in the exact types of the API, for tests and for looking at the page without a backend.
import type { Connection } from '../../services/connections'
import type { Candidate, Grant } from '../../services/grants'
import type { Job, JobDetail } from '../../services/jobs'
import type { PlatformInfo } from '../../services/platforms'
import type { Post } from '../../services/posts'
import type { Session } from '../../services/session'

export function session(over: Partial<Session> = {}): Session {
  return {
    member: { id: 'mem_1', email: 'ada@cafe-ada.example', name: 'Ada Lindgren', role: 'owner' },
    workspace: { id: 'ten_1', name: 'Cafe Ada', time_zone: 'Europe/Berlin' },
    csrf_token: 'token',
    expires_at: '2030-01-01T00:00:00Z',
    ...over,
  }
}

export function platform(over: Partial<PlatformInfo> = {}): PlatformInfo {
  const source = 'https://developers.facebook.com/docs/graph-api/reference/page/feed'
  const photos = { types: ['image/jpeg', 'image/png'], max_bytes: 10_000_000, source }
  return {
    platform: 'meta',
    title: 'Meta',
    color: '#0866ff',
    icon: 'meta',
    api_version: 'v26.0',
    pkce: false,
    available: true,
    capabilities: {
      candidates: true,
      delete: true,
      edit: true,
      revoke: true,
      refresh: true,
      webhooks: true,
      metrics: true,
      comments: true,
      hide: true,
      offers: false,
      subscribes: true,
    },
    logins: [
      {
        id: 'facebook',
        title: 'Facebook Login',
        icon: 'facebook',
        description: 'For Facebook Pages and the Instagram accounts linked to them.',
        accounts: ['facebook_page', 'instagram_professional'],
        revokes: true,
        remove_url: 'https://www.facebook.com/settings?tab=business_tools',
        tokens: { access_seconds: 0, renewal: 'By connecting again.', source },
        scopes: [
          {
            name: 'pages_show_list',
            feature: 'discover',
            why: 'Shows which Pages you manage.',
            required: true,
          },
          {
            name: 'pages_manage_posts',
            feature: 'publish',
            why: 'Lets Herald publish and delete posts for you.',
            required: true,
          },
          {
            name: 'pages_read_user_content',
            feature: 'comments',
            why: 'Lets Herald read comments on your posts.',
            required: false,
          },
        ],
      },
      {
        id: 'instagram',
        title: 'Instagram Login',
        icon: 'instagram',
        description: 'For one Instagram account without a Facebook Page.',
        accounts: ['instagram_professional'],
        cannot_delete: ['instagram_professional'],
        revokes: false,
        remove_url: 'https://www.instagram.com/accounts/manage_access/',
        tokens: { access_seconds: 5_184_000, renewal: 'Herald renews it by itself.', source },
        scopes: [
          {
            name: 'instagram_business_basic',
            feature: 'discover',
            why: 'Shows which account is yours.',
            required: true,
          },
        ],
      },
    ],
    accounts: [
      {
        kind: 'facebook_page',
        title: 'Facebook Page',
        icon: 'facebook',
        can_delete: true,
        can_edit: true,
        can_comment: true,
        can_report: true,
        can_list: true,
        posts: [
          {
            kind: 'text',
            title: 'Text',
            link: true,
            text: { required: true, max: 63_206, unit: 'utf16_units', source },
            media: { min: 0, max: 0 },
            source,
          },
          {
            kind: 'photo',
            title: 'Photos',
            link: false,
            text: { required: false, max: 63_206, unit: 'utf16_units', source },
            media: { min: 1, max: 10, files: [photos], source },
            source,
          },
          {
            kind: 'video',
            title: 'Video',
            link: false,
            text: { required: false, max: 63_206, unit: 'utf16_units', source },
            media: { min: 1, max: 1, files: [{ types: ['video/mp4'], max_bytes: 1 << 30, source }], source },
            options: {
              type: 'object',
              additionalProperties: false,
              properties: { title: { type: 'string', title: 'Title', maxLength: 255 } },
            },
            source,
          },
          {
            kind: 'photo_story',
            title: 'Photo story',
            link: false,
            text: { required: false, max: 0, unit: 'utf16_units', none: true, source },
            media: { min: 1, max: 1, files: [photos], source },
            preview: 'story',
            source,
          },
        ],
      },
      {
        kind: 'instagram_professional',
        title: 'Instagram account',
        icon: 'instagram',
        can_delete: false,
        can_edit: false,
        can_comment: true,
        can_report: true,
        can_list: true,
        posts: [
          {
            kind: 'photo',
            title: 'Photo',
            preview: 'gallery',
            link: false,
            text: { required: false, max: 2200, unit: 'graphemes', source },
            media: {
              min: 1,
              max: 10,
              files: [{ types: ['image/jpeg'], max_bytes: 8_000_000, source }],
              source,
            },
            options: {
              type: 'object',
              properties: {
                comments: {
                  type: 'boolean',
                  title: 'Allow comments',
                  description: 'Anyone can write below it.',
                  default: true,
                },
                audience: {
                  type: 'string',
                  title: 'Who can see it',
                  enum: ['everyone', 'followers'],
                },
                first_comment: {
                  type: 'string',
                  title: 'First comment',
                  description: 'Written below the post right after publishing.',
                  maxLength: 2200,
                },
                collaborators: {
                  type: 'array',
                  title: 'Collaborators',
                  description: 'Up to three names, without @.',
                  maxItems: 3,
                  items: { type: 'string' },
                },
              },
            },
            source,
          },
        ],
      },
    ],
    ...over,
  }
}

export function candidate(over: Partial<Candidate> = {}): Candidate {
  return {
    candidate_id: 'can_1',
    kind: 'facebook_page',
    external_id: '200',
    name: 'Cafe Ada',
    username: 'cafe.ada',
    avatar_url: '',
    profile_url: 'https://www.facebook.com/cafe.ada',
    usable: true,
    reason: '',
    linked: false,
    ...over,
  }
}

export function grant(over: Partial<Grant> = {}): Grant {
  return {
    id: 'grt_1',
    platform: 'meta',
    login: 'facebook',
    expires_at: new Date(Date.now() + 12 * 60_000).toISOString(),
    declined: [],
    return_to: '/accounts',
    accounts: [candidate()],
    ...over,
  }
}

export function connection(over: Partial<Connection> = {}): Connection {
  return {
    id: 'con_1',
    platform: 'meta',
    kind: 'facebook_page',
    login: 'facebook',
    external_id: '200',
    name: 'Cafe Ada',
    username: 'cafe.ada',
    avatar_url: '',
    profile_url: 'https://www.facebook.com/cafe.ada',
    status: 'healthy',
    scopes: ['pages_manage_posts'],
    created_at: '2026-06-01T08:00:00Z',
    updated_at: '2026-11-24T08:00:00Z',
    ...over,
  }
}

export function job(over: Partial<Job> = {}, account: Connection = connection()): Job {
  return {
    id: 'pst_1.con_1',
    post_id: 'pst_1',
    connection: {
      id: account.id,
      name: account.name,
      username: account.username,
      kind: account.kind,
      login: account.login,
      platform: account.platform,
      avatar_url: account.avatar_url,
    },
    kind: 'text',
    text: 'Fresh cardamom buns from eight.',
    state: 'scheduled',
    publish_at: '2026-12-24T17:00:00Z',
    attempts: 0,
    updated_at: '2026-11-24T08:00:00Z',
    ...over,
  }
}

export function jobDetail(of: Job, timeline: JobDetail['timeline'] = []): JobDetail {
  return { ...of, timeline }
}

export function post(over: Partial<Post> = {}): Post {
  return {
    id: 'pst_1',
    text: 'Fresh cardamom buns from eight.',
    media: [],
    state: 'scheduled',
    publish_at: '2026-12-24T17:00:00Z',
    time_zone: 'Europe/Berlin',
    created_at: '2026-11-24T08:00:00Z',
    created_by: { id: 'mem_1', name: 'Ada Lindgren' },
    jobs: [job()],
    ...over,
  }
}
