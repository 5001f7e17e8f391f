/** Why linking did not work, as the callback names it, and what helps. */
export interface ConnectProblem {
  title: string
  sentence: string
  label: string // of the button; empty = starting again does not help
}

const failed: ConnectProblem = {
  title: 'Linking did not work',
  sentence:
    'Something unexpected happened and nothing was changed. Try again; if it stays, tell your operator the time.',
  label: 'Try again',
}

const known: Record<string, ConnectProblem> = {
  denied: {
    title: 'Nothing was linked',
    sentence:
      'The permission was not given, so Herald has no access. If that was not meant, start again and confirm it.',
    label: 'Start again',
  },
  state_used: {
    title: 'That sign-in was used already',
    sentence:
      'Each one works once, for ten minutes; a reload or the back button brings an old one again. Nothing was changed.',
    label: 'Start a fresh one',
  },
  foreign_browser: {
    title: 'Started somewhere else',
    sentence:
      'This sign-in was started in another browser or by another member. For safety it only counts where it was started.',
    label: 'Start it here',
  },
  code_expired: {
    title: 'That took too long',
    sentence: 'The platform gives only a few minutes to come back, and they were over. Nothing was changed.',
    label: 'Start again',
  },
  permission_missing: {
    title: 'A permission is missing',
    sentence:
      'Without it Herald cannot publish. Start again and leave every permission ticked; the list below says what each is for.',
    label: 'Start again',
  },
  no_accounts: {
    title: 'No account to publish to',
    sentence:
      'This login reaches no account Herald can publish to. Sign in as somebody who manages one, and tick it on the consent page.',
    label: 'Try another login',
  },
  different_account: {
    title: 'That was another account',
    sentence:
      'Reconnecting renews the access of the very same account. Sign in to the platform as somebody who manages it.',
    label: 'Try another login',
  },
  signed_out: {
    title: 'You were signed out on the way',
    sentence:
      'Your session ended while you were at the platform, so nothing was linked. You are signed in again now.',
    label: 'Start again',
  },
  not_allowed: {
    title: 'Not with your role',
    sentence: 'Only an owner or admin of the workspace can link accounts. Ask one of them to do it.',
    label: '',
  },
  platform_off: {
    title: 'The platform is switched off',
    sentence:
      'Nothing can be linked there at the moment. An owner or admin can switch it on in the settings.',
    label: '',
  },
  platform_down: {
    title: 'The platform does not answer',
    sentence: 'It has trouble at the moment. Your accounts are unchanged; try again in a few minutes.',
    label: 'Try again',
  },
  failed,
}

/** The explanation of a code; one the page does not know is explained as a plain failure. */
export function connectProblem(code: string): ConnectProblem {
  return known[code] ?? failed
}
