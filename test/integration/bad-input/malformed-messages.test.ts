import { describe, expect, it } from 'vitest'
import { isRoot, refused, scene, withDaemon } from './refusals.ts'
import { dockerId } from './scene.ts'

describe.skipIf(!isRoot)('malformed messages to the whole daemon (needs root for namespaces)', () => {
  withDaemon()

  describe('as a body', () => {
    it('malformed JSON', async () => {
      expect(await refused('NetworkDriver.Join', '{"NetworkID": ')).toMatchInlineSnapshot(
        `"400 the body is not JSON: Unexpected end of JSON input"`,
      )
      expect(await refused('NetworkDriver.Join', "{'NetworkID': 1}")).toMatchInlineSnapshot(
        `"400 the body is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)"`,
      )
      expect(await refused('NetworkDriver.Join', '{}{}')).toMatchInlineSnapshot(
        `"400 the body is not JSON: Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)"`,
      )
      expect(await refused('NetworkDriver.Join', Buffer.from([0x7b, 0xff, 0x7d]))).toMatchInlineSnapshot(
        `"400 the body is not UTF-8: expected a JSON object"`,
      )
    })

    it('nothing, as Docker sends it after a broken connection', async () => {
      expect(await refused('NetworkDriver.CreateNetwork', '')).toMatchInlineSnapshot(
        `"400 the body is empty: expected {NetworkID, …}; Docker sends this after a broken connection; the call was not carried out"`,
      )
      expect(await refused('NetworkDriver.DeleteEndpoint', '\n')).toMatchInlineSnapshot(
        `"400 the body is empty: expected {NetworkID, EndpointID}; Docker sends this after a broken connection; the call was not carried out"`,
      )
      expect(await refused('IpamDriver.RequestPool', '')).toMatchInlineSnapshot(
        `"400 the body is empty: expected {Pool, …}; Docker sends this after a broken connection; the call was not carried out"`,
      )
      expect(await refused('IpamDriver.ReleaseAddress', '{}')).toMatchInlineSnapshot(
        `"400 PoolID is missing: expected a subnet pool id (UUID) as RequestPool answered it"`,
      )
    })

    it('wrong types', async () => {
      const NetworkID = dockerId(9)
      expect(await refused('NetworkDriver.Join', '[]')).toMatchInlineSnapshot(
        `"400 the body is an array: expected an object"`,
      )
      expect(await refused('NetworkDriver.DeleteNetwork', { NetworkID: 5 })).toMatchInlineSnapshot(
        `"400 NetworkID is 5: expected an id of 64 hex digits (or 25 letters and digits in swarm mode)"`,
      )
      expect(await refused('NetworkDriver.DeleteNetwork', { NetworkID: null })).toMatchInlineSnapshot(
        `"400 NetworkID is null: expected an id of 64 hex digits (or 25 letters and digits in swarm mode)"`,
      )
      expect(await refused('NetworkDriver.CreateNetwork', { NetworkID, IPv4Data: {} })).toMatchInlineSnapshot(
        `"400 IPv4Data is an object: expected an array"`,
      )
      expect(
        await refused('NetworkDriver.CreateNetwork', { NetworkID, IPv4Data: [{ Pool: 7 }] }),
      ).toMatchInlineSnapshot(`"400 IPv4Data[0].Pool is 7: expected a CIDR or """`)
      expect(await refused('NetworkDriver.CreateNetwork', { NetworkID, Options: 'secret' })).toMatchInlineSnapshot(
        `"400 Options is a string: expected an object"`,
      )
      expect(await refused('IpamDriver.RequestPool', { Pool: '', V6: 'yes' })).toMatchInlineSnapshot(
        `"400 V6 is "yes": expected a boolean"`,
      )
      expect(await refused('IpamDriver.RequestPool', { Pool: '', Options: { a: 1 } })).toMatchInlineSnapshot(
        `"400 Options.a is a number: expected a string"`,
      )
    })

    it('10 MB', async () => {
      const body = `{"PoolID":"${'a'.repeat(10_000_000)}"}`
      expect(await refused('IpamDriver.ReleasePool', body)).toMatchInlineSnapshot(
        `"400 the body is longer than 1048576 bytes: the call was not carried out"`,
      )
    })

    it('a thousand levels, and keys that reach the prototype', async () => {
      const deep = `{"PoolID":${'['.repeat(1000)}${']'.repeat(1000)}}`
      expect(await refused('IpamDriver.ReleasePool', deep)).toMatchInlineSnapshot(
        `"400 the body is nested deeper than 32 levels: the call was not carried out"`,
      )
      expect(await refused('IpamDriver.ReleasePool', '{"__proto__":{"PoolID":"x"}}')).toMatchInlineSnapshot(
        `"400 the body has a key that reaches the prototype of objects ("__proto__" or "constructor"): the call was not carried out"`,
      )
    })
  })

  it('ids with "../", spaces and line breaks', async () => {
    const network = scene.docker.network
    expect(await refused('NetworkDriver.DeleteNetwork', { NetworkID: '../../etc' })).toMatchInlineSnapshot(
      `"400 NetworkID is "../../etc": expected an id of 64 hex digits (or 25 letters and digits in swarm mode)"`,
    )
    expect(await refused('NetworkDriver.DeleteNetwork', { NetworkID: ` ${network}` })).toMatchInlineSnapshot(
      `"400 NetworkID is " <network>": expected an id of 64 hex digits (or 25 letters and digits in swarm mode)"`,
    )
    expect(await refused('NetworkDriver.DeleteNetwork', { NetworkID: `${network}\n` })).toMatchInlineSnapshot(
      `"400 NetworkID is "<network>\\n": expected an id of 64 hex digits (or 25 letters and digits in swarm mode)"`,
    )
    expect(await refused('IpamDriver.ReleasePool', { PoolID: '../pools' })).toMatchInlineSnapshot(
      `"400 PoolID is "../pools": expected a subnet pool id (UUID) as RequestPool answered it"`,
    )
    const ids = { NetworkID: network, EndpointID: scene.docker.endpoint.id }
    expect(await refused('NetworkDriver.Join', { ...ids, SandboxKey: '/run/../etc/passwd' })).toMatchInlineSnapshot(
      `"400 SandboxKey is "/run/../etc/passwd": expected the absolute path of the sandbox, without "." or ".." in it"`,
    )
    expect(await refused('NetworkDriver.Join', { ...ids, SandboxKey: 'netns/1' })).toMatchInlineSnapshot(
      `"400 SandboxKey is "netns/1": expected the absolute path of the sandbox, without "." or ".." in it"`,
    )
  })

  it('an unknown method is the only thing that is answered with 404', async () => {
    expect(await refused('NetworkDriver.Explode', {})).toMatchInlineSnapshot(
      `"404 unknown method "/NetworkDriver.Explode": expected one of the plugin protocol, as /NetworkDriver.Join"`,
    )
  })
})
