import { describe, expect, it } from 'vitest'
import type { SubnetPool } from '../neutron/resources.ts'
import { PoolLedger } from './pool-ledger.ts'

const CIDR = '10.0.0.0/24'
const never = new AbortController().signal

function entry(id: string, cidr = CIDR, gateway = '10.0.0.1'): Parameters<PoolLedger['add']>[0] {
  return { pool: { id } as SubnetPool, cidr, gateway: { address: gateway, explicit: false } }
}

describe('PoolLedger', () => {
  it('of many that ask for one CIDR at once, each makes its pool only when the last one was claimed or released', async () => {
    const ledger = new PoolLedger()
    const order: string[] = []
    const turns = ['a', 'b', 'c'].map(id =>
      ledger.inTurn(CIDR, never, async () => {
        await Promise.resolve()
        ledger.add(entry(id))
        order.push(id)
      }),
    )
    await turns[0]
    expect(order).toEqual(['a'])
    expect(ledger.claim(CIDR, '10.0.0.1')?.pool.id).toBe('a')
    await turns[1]
    expect(order).toEqual(['a', 'b'])
    ledger.forget('b')
    await turns[2]
    expect(ledger.claim(CIDR, undefined)?.pool.id).toBe('c')
    expect(ledger.claim(CIDR, undefined)).toBeUndefined()
  })

  it('another CIDR does not wait', async () => {
    const ledger = new PoolLedger()
    ledger.add(entry('a'))
    expect(await ledger.inTurn('10.1.0.0/24', never, () => Promise.resolve('made'))).toBe('made')
  })

  it('a pool that nobody claims is waited for only as long as the patience', async () => {
    let now = 0
    const ledger = new PoolLedger({ clock: () => now, patience: 5000 })
    ledger.add(entry('a'))
    now = 5000
    expect(await ledger.inTurn(CIDR, never, () => Promise.resolve('made'))).toBe('made')
  })

  it('a wait that is given up rejects with the reason, and makes nothing', async () => {
    const ledger = new PoolLedger()
    ledger.add(entry('a'))
    const controller = new AbortController()
    const waiting = ledger.inTurn(CIDR, controller.signal, () => Promise.reject(new Error('made after all')))
    controller.abort(new Error('too late'))
    await expect(waiting).rejects.toThrow('too late')
    ledger.forget('a')
    expect(await ledger.inTurn(CIDR, never, () => Promise.resolve('made'))).toBe('made')
  })

  it('prefers the pool with the gateway, else takes the youngest', () => {
    const ledger = new PoolLedger()
    for (const one of [entry('a', CIDR, '10.0.0.9'), entry('b'), entry('c')]) ledger.add(one)
    expect(ledger.claim(CIDR, '10.0.0.9')?.pool.id).toBe('a')
    expect(ledger.claim(CIDR, '10.0.0.77')?.pool.id).toBe('c')
    expect(ledger.get('b')?.cidr).toBe(CIDR)
  })
})
