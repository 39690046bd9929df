import type { IpamDriver, NetworkDriver } from '../../src/docker-plugin/drivers.ts'
import { isWellFormedMessage } from './well-formed.ts'

/** Drivers that do nothing but count their calls and judge what they were given. */
export interface RecordingDrivers {
  networkDriver: NetworkDriver
  ipamDriver: IpamDriver
  /** Calls by method as on the wire. */
  calls: Map<string, number>
  /** Messages that should not have reached a driver, at most twenty. */
  violations: string[]
}

/** Makes drivers that answer every call as a real one might. */
export function recordingDrivers(): RecordingDrivers {
  const calls = new Map<string, number>()
  const violations: string[] = []
  const answering =
    <T>(method: string, answer: T) =>
    (message: unknown): Promise<T> => {
      calls.set(method, (calls.get(method) ?? 0) + 1)
      if (!isWellFormedMessage(method, message) && violations.length < 20) {
        violations.push(`${method} was called with ${JSON.stringify(message).slice(0, 500)}`)
      }
      return Promise.resolve(answer)
    }
  return { networkDriver: networkDriver(answering), ipamDriver: ipamDriver(answering), calls, violations }
}

type Answering = <T>(method: string, answer: T) => (message: unknown) => Promise<T>

function networkDriver(answering: Answering): NetworkDriver {
  const done = (method: string): ((message: unknown) => Promise<void>) =>
    answering(`NetworkDriver.${method}`, undefined)
  return {
    getCapabilities: answering('NetworkDriver.GetCapabilities', { Scope: 'global', ConnectivityScope: 'global' }),
    allocateNetwork: answering('NetworkDriver.AllocateNetwork', { Options: {} }),
    freeNetwork: done('FreeNetwork'),
    createNetwork: done('CreateNetwork'),
    deleteNetwork: done('DeleteNetwork'),
    createEndpoint: answering('NetworkDriver.CreateEndpoint', { Interface: {} }),
    endpointOperInfo: answering('NetworkDriver.EndpointOperInfo', { Value: {} }),
    deleteEndpoint: done('DeleteEndpoint'),
    join: answering('NetworkDriver.Join', {
      InterfaceName: { SrcName: 't_c01234567-89', DstPrefix: 'eth' },
      DisableGatewayService: true,
    }),
    leave: done('Leave'),
    programExternalConnectivity: done('ProgramExternalConnectivity'),
    revokeExternalConnectivity: done('RevokeExternalConnectivity'),
    discoverNew: done('DiscoverNew'),
    discoverDelete: done('DiscoverDelete'),
    gwAllocCheck: answering('NetworkDriver.GwAllocCheck', { SkipIPv4: true, SkipIPv6: true }),
  }
}

function ipamDriver(answering: Answering): IpamDriver {
  return {
    getCapabilities: answering('IpamDriver.GetCapabilities', {
      RequiresMACAddress: true,
      RequiresRequestReplay: false,
    }),
    getDefaultAddressSpaces: answering('IpamDriver.GetDefaultAddressSpaces', {
      LocalDefaultAddressSpace: 'local_scope',
      GlobalDefaultAddressSpace: 'global_scope',
    }),
    requestPool: answering('IpamDriver.RequestPool', {
      PoolID: '5aa1ba0c-0b0c-4d5e-8f1e-0d9f1c5c1a2b',
      Pool: '10.0.0.0/24',
      Data: {},
    }),
    releasePool: answering('IpamDriver.ReleasePool', undefined),
    requestAddress: answering('IpamDriver.RequestAddress', { Address: '10.0.0.2/24', Data: {} }),
    releaseAddress: answering('IpamDriver.ReleaseAddress', undefined),
  }
}
