import { expect, it } from 'vitest'
import { cut } from './cut'

const limit = { lines: 2, chars: 20 }

it('cuts after a line or a length, whichever comes first, and not inside a word', () => {
  expect(cut('Buns', limit)).toEqual({ shown: 'Buns', more: false })
  expect(cut('a\nb\nc', limit)).toEqual({ shown: 'a\nb', more: true })
  expect(cut('Fresh cardamom buns are here', limit)).toEqual({ shown: 'Fresh cardamom buns', more: true })
  expect(cut('👩‍👩‍👧'.repeat(9), limit).more).toBe(true)
  expect(cut('a\nb\n\n', limit)).toEqual({ shown: 'a\nb', more: false })
  expect(cut('Donaudampfschifffahrtsgesellschaft', limit).shown).toBe('Donaudampfschifffahr')
})
