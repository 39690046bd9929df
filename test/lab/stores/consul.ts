import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LongRunning } from '../processes/long-running.ts'
import { outputOf } from '../processes/run-program.ts'
import { consul18 } from '../programs/debian-programs.ts'
import { labMark, namespaceName } from '../remains/lab-record.ts'
import type { StorePlan, StoreServer } from './store-server.ts'

/** The configuration of a server that is a cluster by itself. */
export function consulConfiguration(place: {
  address: string
  directory: string
  ports: { http: number; https: number; server: number; serf_lan: number }
}): object {
  return {
    server: true,
    bootstrap_expect: 1,
    node_name: 'store',
    data_dir: place.directory,
    bind_addr: place.address,
    client_addr: place.address,
    ports: { ...place.ports, serf_wan: -1, dns: -1, grpc: -1 },
    performance: { raft_multiplier: 1 },
    disable_update_check: true,
    disable_host_node_id: true,
  }
}

/** The Consul of a lab. */
export class ConsulServer implements StoreServer {
  readonly #plan: StorePlan
  #process: LongRunning | undefined

  constructor(plan: StorePlan) {
    this.#plan = plan
  }

  get url(): string {
    return `consul://${this.#plan.address}:8500`
  }

  async start(): Promise<void> {
    const { labId, address, directory } = this.#plan
    await mkdir(directory, { recursive: true })
    const file = path.join(directory, 'consul.json')
    const ports = { http: 8500, https: -1, server: 8300, serf_lan: 8301 }
    const data = path.join(directory, 'data')
    await writeFile(file, JSON.stringify(consulConfiguration({ address, directory: data, ports })))
    this.#process = await LongRunning.start({
      name: 'consul',
      program: 'nsenter',
      args: [this.#network(), '--', await consul18(), 'agent', '-config-file', file],
      environment: { [labMark]: labId },
      logFile: path.join(directory, 'consul.log'),
    })
    await this.#process.ready(30_000, async () => {
      const ask = ['--silent', '--max-time', '2', `http://${address}:8500/v1/status/leader`]
      return (await outputOf('nsenter', [this.#network(), '--', 'curl', ...ask]).catch(() => '')).length > 4
    })
  }

  async stop(): Promise<void> {
    await this.#process?.stop(10_000)
  }

  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  #network(): string {
    return `--net=/run/netns/${namespaceName(this.#plan.labId, this.#plan.machine)}`
  }
}
