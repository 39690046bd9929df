import { describe, expect, it } from 'vitest'
import { engineErrorOf } from './engine-error.ts'

/** As engines said them; the versions that do, at the end of each row. */
const said: readonly [status: number, message: string, code: string, by: string][] = [
  [409, 'network with name n1 already exists', 'conflict', '20.10, 26, 28'],
  [403, 'error while removing network: network n1 id e6d3 has active endpoints', 'inUse', '20.10, 26'],
  [403, 'error while removing network: network n1 has active endpoints (name:"c1" id:"6c0b")', 'inUse', '28'],
  [404, 'network nosuch not found', 'notFound', '20.10, 26, 28'],
  [404, 'No such container: nosuch', 'notFound', '20.10, 26, 28'],
  [404, 'plugin "kuryr" not found', 'pluginMissing', '20.10, 26, 28'],
  [400, '2 matches found based on name: network dup is ambiguous', 'ambiguous', '20.10'],
  [403, 'authorization denied by plugin az: network vetoed is in use on host h2', 'denied', '26'],
  [400, 'client version 1.99 is too new. Maximum supported API version is 1.41', 'version', '20.10, 26, 28'],
  [403, 'Pool overlaps with other one on this address space', 'refused', '20.10, 26'],
  [403, 'invalid pool request: Pool overlaps with other one on this address space', 'refused', '28'],
  [400, 'invalid network config:\ninvalid subnet x: invalid CIDR block notation', 'refused', '26, 28'],
  [500, 'Invalid subnet x : invalid CIDR address: x', 'failed', '20.10'],
  [403, 'bridge is a pre-defined network and cannot be removed', 'refused', '20.10, 26, 28'],
  [500, 'This node is not a swarm manager. Use "docker swarm init" or …', 'refused', '20.10'],
  [403, 'This node is not a swarm manager. Use "docker swarm init" or …', 'refused', '26, 28'],
  [500, 'NetworkDriver.CreateNetwork: the pool is used up', 'failed', '20.10, 26, 28'],
  [404, 'page not found', 'unexpected', 'all'],
  [301, 'Moved Permanently', 'unexpected', 'all'],
]

describe('the refusals of engines', () => {
  it.each(said)('%d %s: %s (%s)', (status, message, code) => {
    const error = engineErrorOf('asking', status, JSON.stringify({ message }))
    expect(error).toMatchObject({ code, status, engineMessage: message })
    expect(error.message).toBe(`asking: HTTP ${status}: ${message}`)
  })

  it('reads a refusal that is no JSON, as that of a version which is too old for 28', () => {
    const body = 'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client\n'
    expect(engineErrorOf('asking', 400, body)).toMatchObject({ code: 'version', engineMessage: body.trim() })
  })

  it.each(['', ' ', '\n', '[]', 'null', '{"message":5}', '{"message"', '<html>', '"x"'])(
    'survives the body %j',
    body => {
      const error = engineErrorOf('asking', 502, body)
      expect(error.code).toBe('unexpected')
      expect(error.engineMessage).not.toBe('')
    },
  )

  it('shortens what is too long to be told', () => {
    expect(engineErrorOf('asking', 500, 'x'.repeat(1e6)).message.length).toBeLessThan(300)
    expect(engineErrorOf('asking', 500, JSON.stringify({ message: 'x'.repeat(1e6) })).message.length).toBeLessThan(2100)
  })
})
