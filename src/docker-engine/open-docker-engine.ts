import type { Logger } from 'pino'
import { createNetwork } from './create-network.ts'
import type { DockerEngine } from './docker-engine.ts'
import { parseEngineAddress } from './engine-address.ts'
import { EngineCalls } from './engine-calls.ts'
import { EngineConnection, type EngineTls } from './engine-connection.ts'
import { engineInfo } from './info.ts'
import { inspectContainer } from './inspect-container.ts'
import { inspectNetwork } from './inspect-network.ts'
import { listContainers } from './list-containers.ts'
import { listNetworks } from './list-networks.ts'
import { tellEvents } from './network-events.ts'
import { removeNetwork } from './remove-network.ts'
import { SharedEvents } from './shared-events.ts'

/** Which engine, and how. */
export interface DockerEngineOptions {
  /** As in `DOCKER_HOST`: `unix:///run/docker.sock`, `tcp://127.0.0.1:2375`. */
  host: string
  /** For an engine with `--tlsverify`. */
  tls?: EngineTls
  log: Logger
}

/** A client of one engine. It connects when it is asked something: the engine need not be there yet. @throws {Error} when `host` is malformed. */
export function openDockerEngine({ host, tls, log }: DockerEngineOptions): DockerEngine {
  const connection = new EngineConnection(parseEngineAddress(host, tls !== undefined), tls)
  const calls = new EngineCalls(connection)
  const reading = { calls, log }
  const events = new SharedEvents((tell, signal) => tellEvents(reading, tell, signal))
  return {
    async info(call) {
      const { systemTime: _, ...info } = await engineInfo(calls, call)
      return info
    },
    listNetworks: (driver, call) => listNetworks(reading, driver, call),
    inspectNetwork: (id, call) => inspectNetwork(reading, id, call),
    createNetwork: (body, call) => createNetwork(calls, body, call),
    removeNetwork: (id, call) => removeNetwork(calls, id, call),
    listContainers: call => listContainers(reading, call),
    inspectContainer: (id, call) => inspectContainer(calls, id, call),
    networkEvents: signal => events.read(signal),
    close: () => connection.close(),
  }
}
