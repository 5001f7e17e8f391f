import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { show } from '@/test/show'
import { TextCounter } from './TextCounter'

describe('TextCounter', () => {
  it('counts in the unit of the platform', () => {
    show(<TextCounter text="👩‍👩‍👧" limit={{ max: 10, unit: 'graphemes' }} name="Ada" />)
    expect(screen.getByText('1 / 10')).toBeVisible()
    show(<TextCounter text="👩‍👩‍👧" limit={{ max: 10, unit: 'utf16_units' }} name="Bo" />)
    expect(screen.getByText('8 / 10')).toBeVisible()
  })

  it('says how much is too much, aloud too', () => {
    show(<TextCounter text="abcdef" limit={{ max: 4, unit: 'bytes' }} name="Ada" />)
    expect(screen.getByText('2 bytes too many')).toBeVisible()
    expect(screen.getByRole('status')).toHaveTextContent('The text is too long for Ada.')
  })

  it('is at the limit, not over it', () => {
    show(<TextCounter text="abcd" limit={{ max: 4, unit: 'bytes' }} name="Ada" />)
    expect(screen.getByText('4 / 4')).toBeVisible()
    expect(screen.getByRole('status')).toBeEmptyDOMElement()
  })
})
