import { describe, expect, it } from 'vitest'
import type { DockerNetwork } from './docker-network.ts'
import { NetworkLedger } from './network-ledger.ts'

function network(dockerId: string, poolId: string): DockerNetwork {
  return { dockerId, network: { id: `n-${dockerId}` }, pools: [{ id: poolId }], subnets: [], internal: false } as never
}

describe('the ledger of networks', () => {
  it('believes an entry for its time only, and says for ever where the network is and who made it', () => {
    let now = 0
    const ledger = new NetworkLedger({ maxAge: 10, clock: () => now })
    ledger.add(network('a', 'p'), { madeHere: true })
    expect([ledger.get('a'), ledger.ofPool('p')]).toEqual([network('a', 'p'), network('a', 'p')])
    now = 10
    expect([ledger.get('a'), ledger.ofPool('p')]).toEqual([undefined, undefined])
    expect(ledger.neutronNetworkOf('p')).toBe('n-a')
    ledger.add(network('a', 'p'))
    expect(ledger.madeHere('p')).toEqual(network('a', 'p'))
    expect([ledger.lastSeen('a'), ledger.lastSeenOfPool('p')]).toEqual([network('a', 'p'), network('a', 'p')])
  })

  it('forgets what turned out to be wrong', () => {
    const ledger = new NetworkLedger({ maxAge: 10 })
    ledger.add(network('a', 'p'))
    ledger.forgetPool('p')
    expect(ledger.get('a')).toBeUndefined()
    expect(ledger.madeHere('p')).toBeUndefined()
  })

  it('knows what has ended, the last thousand ids', () => {
    const ledger = new NetworkLedger({ maxAge: 10 })
    for (let count = 0; count < 600; count += 1) ledger.end(network(`a${count}`, `p${count}`))
    expect([ledger.hasEnded('a599'), ledger.hasEnded('p599'), ledger.hasEnded('a0')]).toEqual([true, true, false])
  })

  it('remembers nothing where that is of no use', () => {
    const ledger = new NetworkLedger()
    ledger.add(network('a', 'p'), { madeHere: true })
    expect([ledger.remembers, ledger.get('a'), ledger.madeHere('p')]).toEqual([false, undefined, undefined])
  })
})
