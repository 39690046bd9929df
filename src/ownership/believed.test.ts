import { expect, it } from 'vitest'
import { Believed } from './believed.ts'

it('what was said is believed for five minutes, or until it turns out to be wrong', () => {
  let now = 0
  const addresses = new Believed<object>({ clock: () => now })
  const found = { id: 'f', address: '203.0.113.7' }
  addresses.add('blue', found)
  addresses.add('green', found)
  now = 299_999
  expect(addresses.get('blue')).toBe(found)
  addresses.forget('blue')
  expect(addresses.get('blue')).toBeUndefined()
  now = 300_000
  expect(addresses.get('green')).toBeUndefined()
})
