import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { platform } from '@/test/stub/data'
import { show } from '@/test/show'
import { ConnectProblemBanner } from './ConnectProblemBanner'

describe('ConnectProblemBanner', () => {
  it.each([
    'denied',
    'different_account',
    'signed_out',
    'state_used',
    'foreign_browser',
    'code_expired',
    'permission_missing',
    'no_accounts',
    'platform_down',
    'failed',
  ])('explains %s and offers a way on', (code) => {
    show(<ConnectProblemBanner code={code} platform={platform()} onDismiss={() => undefined} />)
    expect(screen.getByRole('alert').textContent.length).toBeGreaterThan(60)
    expect(screen.getByRole('link')).toHaveAttribute('href', '/v1/oauth/meta/start?return_to=%2Faccounts')
  })

  it('explains a code it does not know without repeating it', () => {
    show(<ConnectProblemBanner code="<b>evil</b>" platform={undefined} onDismiss={() => undefined} />)
    expect(screen.getByRole('alert')).toHaveTextContent('Linking did not work')
    expect(screen.getByRole('alert')).not.toHaveTextContent('evil')
    expect(screen.queryByRole('link')).toBeNull()
  })

  it.each(['not_allowed', 'platform_off'])('does not offer to start again after %s', (code) => {
    show(<ConnectProblemBanner code={code} platform={platform()} onDismiss={() => undefined} />)
    expect(screen.getByRole('alert')).toBeVisible()
    expect(screen.queryByRole('link')).toBeNull()
  })

  it('does not offer a platform that is switched off', () => {
    show(
      <ConnectProblemBanner
        code="denied"
        platform={{ ...platform(), available: false }}
        onDismiss={() => undefined}
      />,
    )
    expect(screen.queryByRole('link')).toBeNull()
  })
})
