import { describe, expect, it } from 'vitest'
import type { PortForwarding, PortForwardingCreate } from '../neutron/access.ts'
import { NeutronError } from '../neutron/errors.ts'
import { forwardPort, type PortToForward } from './forward-port.ts'

/** Refuses an outer port that is taken as Neutron does; `race` takes one between a look and the next request. */
class Forwardings {
  readonly taken: PortForwarding[] = []
  requests = 0
  race: () => number | undefined = () => undefined

  take(first: number, last = first, portId = 'other'): void {
    const range = first === last ? { external_port: first } : { external_port_range: `${first}:${last}` }
    const internal = { internal_port_id: portId, internal_ip_address: '10.9.0.5', internal_port: 80 }
    this.taken.push({ id: `f${first}`, description: '', protocol: 'tcp', ...internal, ...range })
  }

  create = (body: PortForwardingCreate): Promise<PortForwarding> => {
    this.requests += 1
    const raced = this.race()
    if (raced !== undefined) this.take(raced)
    const inUse = this.taken.some(({ external_port, external_port_range: range }) => {
      const [first = 0, last = 0] = range?.split(':').map(Number) ?? [external_port ?? 0, external_port ?? 0]
      return body.external_port >= first && body.external_port <= last
    })
    if (inUse) return Promise.reject(new NeutronError('BadRequest', 'There is a port collision'))
    return Promise.resolve({ id: 'made', description: '', ...body })
  }

  list = (): Promise<PortForwarding[]> => Promise.resolve(this.taken)

  delete = (): Promise<void> => Promise.resolve()
}

const wish = (first: number, last = first, anyPort = false): PortToForward => ({
  published: { protocol: 'tcp', port: 80, range: { first, last }, anyPort, hostAddress: '' },
  destination: { portId: 'own', address: '10.9.0.5' },
  description: '',
})

describe('the outer port', () => {
  it('of a range is the first free one, past ranges that are forwarded as a whole', async () => {
    const forwardings = new Forwardings()
    forwardings.take(8000)
    forwardings.take(8001, 8004)
    expect(await forwardPort(forwardings, wish(8000, 8009), {})).toMatchObject({ forwarding: { external_port: 8005 } })
    expect(forwardings.requests).toBe(2)
  })

  it('is looked for again when another takes it first', async () => {
    const forwardings = new Forwardings()
    const raced = [8000, 8001, 8002]
    forwardings.race = () => raced.shift()
    expect(await forwardPort(forwardings, wish(8000, 8009), {})).toMatchObject({ forwarding: { external_port: 8003 } })
  })

  it('is given up when others are faster again and again', async () => {
    const forwardings = new Forwardings()
    let next = 8000
    forwardings.race = () => next++
    await expect(forwardPort(forwardings, wish(8000, 8999), {})).rejects.toThrow('found no free port')
  })

  it('that is any is one of those that are free', async () => {
    const forwardings = new Forwardings()
    forwardings.take(40_000, 40_098)
    expect(await forwardPort(forwardings, wish(40_000, 40_099, true), {})).toMatchObject({
      forwarding: { external_port: 40_099 },
    })
  })

  it('of which none is free tells who has the first', async () => {
    const forwardings = new Forwardings()
    forwardings.take(8000)
    forwardings.take(8001)
    expect(await forwardPort(forwardings, wish(8000, 8001), {})).toMatchObject({ taken: { external_port: 8000 } })
  })

  it('that leads to the container already stays', async () => {
    const forwardings = new Forwardings()
    forwardings.take(8080, 8080, 'own')
    expect(await forwardPort(forwardings, wish(8080), {})).toMatchObject({ forwarding: { id: 'f8080' }, made: false })
  })

  it('that Neutron refuses for another reason is refused in its words', async () => {
    const forwardings = new Forwardings()
    forwardings.create = () => Promise.reject(new NeutronError('BadRequest', 'External network is not reachable'))
    await expect(forwardPort(forwardings, wish(8080), {})).rejects.toThrow('External network is not reachable')
  })
})
