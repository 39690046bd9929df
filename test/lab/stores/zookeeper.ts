import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LongRunning } from '../processes/long-running.ts'
import { runProgram } from '../processes/run-program.ts'
import { zookeeper38 } from '../programs/zookeeper-programs.ts'
import { labMark, namespaceName } from '../remains/lab-record.ts'
import type { StorePlan, StoreServer } from './store-server.ts'

/** The configuration of a server that is an ensemble by itself. @param more further lines. */
export function zookeeperConfiguration(
  place: { address: string; port: number; directory: string },
  more: Readonly<Record<string, string | number>> = {},
): string {
  const lines = {
    dataDir: place.directory,
    clientPortAddress: place.address,
    clientPort: place.port,
    'admin.enableServer': 'false',
    ...more,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** The ZooKeeper of a lab. */
export class ZooKeeperServer implements StoreServer {
  readonly #plan: StorePlan
  #process: LongRunning | undefined

  constructor(plan: StorePlan) {
    this.#plan = plan
  }

  get url(): string {
    return `zk://${this.#plan.address}:2181`
  }

  async start(): Promise<void> {
    const { labId, address, directory } = this.#plan
    await mkdir(directory, { recursive: true })
    const file = path.join(directory, 'zoo.cfg')
    await writeFile(file, zookeeperConfiguration({ address, port: 2181, directory: path.join(directory, 'data') }))
    const { server } = await zookeeper38()
    this.#process = await LongRunning.start({
      name: 'zookeeper',
      program: 'nsenter',
      args: [this.#network(), '--', ...server, file],
      environment: { [labMark]: labId },
      logFile: path.join(directory, 'zookeeper.log'),
    })
    await this.#process.ready(30_000, async () => {
      // `srvr` is the one command of four letters that is allowed without configuration; bash has the client.
      const ask = `exec 3<>/dev/tcp/${address}/2181; printf srvr >&3; cat <&3`
      const { stdout } = await runProgram('nsenter', [this.#network(), '--', 'bash', '-c', ask], { deadline: 2000 })
      return stdout.includes('Mode: ')
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
