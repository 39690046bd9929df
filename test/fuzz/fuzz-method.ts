import { hugeRequest, type Mutation, mutatedRequest } from './mutations.ts'
import { type HttpAnswer, PipelinedConnection } from './pipelined-connection.ts'
import { SeededRandom } from './seeded-random.ts'

/** What to send to one method. */
export interface FuzzOptions {
  /** The plugin's Unix socket. */
  socketPath: string
  /** As on the wire: `NetworkDriver.Join`. */
  method: string
  /** How many requests. */
  count: number
  /** The same seed sends the same requests. */
  seed: number
  /** Which mutations are sent; others are replaced. Default: all. For a real daemon: those that cannot change its state. */
  sendable?: (mutation: Mutation) => boolean
  /** Judges each answer beyond what every answer must be: gives what is wrong with it. */
  judge?: (mutation: Mutation, answer: HttpAnswer) => string | undefined
  /** Connections side by side. Default 2. */
  connections?: number
}

/** What came of it. */
export interface FuzzReport {
  sent: number
  /** Answers by status. */
  statuses: Record<number, number>
  /** What was wrong, at most twenty; empty when all is well. */
  faults: string[]
}

const batchSize = 50
const hugeBodies = 2

/**
 * Sends `count` mutated requests (two of them of 10 MB) over keep-alive connections, and checks of every answer that it
 * is JSON, and if not 200, of the plugin's content type, with `Err` and `Error`, and not 404.
 */
export async function fuzzMethod(options: FuzzOptions): Promise<FuzzReport> {
  const { socketPath, method, count, connections = 2 } = options
  const random = new SeededRandom(options.seed)
  const report: FuzzReport = { sent: 0, statuses: {}, faults: [] }
  let left = count - hugeBodies
  const worker = async (): Promise<void> => {
    using connection = await PipelinedConnection.open(socketPath)
    while (left > 0) {
      const size = Math.min(batchSize, left)
      left -= size
      const mutations = Array.from({ length: size }, () => nextMutation(options, random))
      note(report, options, mutations, await answersOf(connection, options, mutations))
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  using connection = await PipelinedConnection.open(socketPath)
  for (let sent = 0; sent < hugeBodies; sent++) {
    const mutation = hugeRequest(10_000_000)
    note(report, options, [mutation], await connection.call(method, [mutation.body]))
  }
  return report
}

function nextMutation({ method, sendable }: FuzzOptions, random: SeededRandom): Mutation {
  for (let attempts = 0; attempts < 1000; attempts++) {
    const mutation = mutatedRequest(method, random)
    if (sendable?.(mutation) ?? true) return mutation
  }
  throw new Error(`no mutation of ${method} may be sent: expected sendable() to accept at least one in 1000`)
}

async function answersOf(
  connection: PipelinedConnection,
  { method, seed }: FuzzOptions,
  mutations: Mutation[],
): Promise<HttpAnswer[]> {
  const bodies = mutations.map(({ body }) => body)
  try {
    return await connection.call(method, bodies)
  } catch (error) {
    throw new Error(`the connection broke while fuzzing ${method} (seed ${seed})`, { cause: error })
  }
}

function note(report: FuzzReport, { method, judge }: FuzzOptions, mutations: Mutation[], answers: HttpAnswer[]): void {
  for (const [index, mutation] of mutations.entries()) {
    const answer = answers[index]
    if (answer === undefined) throw new Error('expected an answer for each request')
    report.sent++
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1
    const fault = faultOf(answer) ?? judge?.(mutation, answer)
    if (fault === undefined || report.faults.length >= 20) continue
    const shown = JSON.stringify(mutation.body.toString('utf8', 0, 500))
    report.faults.push(
      `${method}, ${mutation.what}: ${fault}: ${shown} -> ${answer.status} ${answer.text.slice(0, 300)}`,
    )
  }
}

function faultOf(answer: HttpAnswer): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(answer.text)
  } catch {
    return 'the answer is not JSON'
  }
  if (typeof body !== 'object' || body === null) return 'the answer is not an object'
  if (answer.status === 200) return undefined
  if (answer.status === 404) return 'a known method was answered 404'
  if (!answer.contentType.startsWith('application/vnd.docker.plugins.v1+json'))
    return 'an error of another content type'
  const { Err, Error: error } = body as Record<string, unknown>
  return typeof Err === 'string' && Err !== '' && Err === error ? undefined : 'an error without Err and Error'
}
