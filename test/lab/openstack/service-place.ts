import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { LongRunning } from '../processes/long-running.ts'
import { runProgram } from '../processes/run-program.ts'

/** Where services of OpenStack run and write. */
export interface ServicePlace {
  /** All that they write (configuration, databases, logs) goes below it. Made if missing. */
  directory: string
  /** What they listen on; 127.0.0.1 if absent. */
  address?: string
  /** Name of the network namespace that they run in; the caller's if absent. */
  namespace?: string
  /**
   * Added to their environment, such as a lab's mark, by which the lab is removed. Without any they end with this
   * process, even if that is killed.
   */
  environment?: Record<string, string>
}

/** The address that a place's services listen on. */
export function addressOf({ address = '127.0.0.1' }: ServicePlace): string {
  return address
}

/** A path below the place's directory, whose own directory is made. */
export async function fileIn({ directory }: ServicePlace, ...names: string[]): Promise<string> {
  const file = path.join(directory, ...names)
  await mkdir(path.dirname(file), { recursive: true })
  return file
}

/** Starts a service in a place; its log is `log/<name>.log` below the place's directory. */
export async function startService(
  place: ServicePlace,
  name: string,
  [program, ...args]: readonly [string, ...string[]],
): Promise<LongRunning> {
  const inNamespace = place.namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${place.namespace}`, '--']
  const endWithOwner = place.environment === undefined ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []
  const [first = program, ...rest] = [...inNamespace, ...endWithOwner, program, ...args]
  return LongRunning.start({
    name,
    program: first,
    args: rest,
    // Byte-compiled once, each later start is seconds faster.
    environment: { PYTHONDONTWRITEBYTECODE: '', ...place.environment },
    logFile: await fileIn(place, 'log', `${name}.log`),
  })
}

/** Whether an HTTP service in the place answers this URL with status 200. */
export async function answers(place: ServicePlace, url: string): Promise<boolean> {
  const curl = ['curl', '--silent', '--output', '/dev/null', '--fail', '--max-time', '20', url]
  const inNamespace = place.namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${place.namespace}`, '--']
  const [program = 'curl', ...args] = [...inNamespace, ...curl]
  return (await runProgram(program, args)).exitCode === 0
}

/** Whether something listens on this TCP port of the place's address. */
export async function listens(place: ServicePlace, port: number): Promise<boolean> {
  const inNamespace = place.namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${place.namespace}`, '--']
  const connect = ['-c', `exec 3<>/dev/tcp/${addressOf(place)}/${port}`]
  const [program = 'bash', ...args] = [...inNamespace, 'bash', ...connect]
  return (await runProgram(program, args)).exitCode === 0
}

/** A TCP port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
