import { request } from 'node:http'

/** A call that the plugin refused: how Docker learns of it. */
export class DockerError extends Error {
  readonly method: string
  readonly status: number
  readonly body: { Err?: string; Error?: string }

  constructor(method: string, status: number, text: string) {
    const body = JSON.parse(text) as { Err?: string; Error?: string }
    super(`${method}: ${body.Err ?? text}`)
    this.method = method
    this.status = status
    this.body = body
  }
}

/** Sends a call as dockerd does: POST over the plugin's socket, with an Accept header and no content type. */
export async function send(socketPath: string, method: string, message: object): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const headers = { Accept: 'application/vnd.docker.plugins.v1.2+json', Host: 'plugin.moby.localhost' }
  const call = request({ socketPath, path: `/${method}`, method: 'POST', headers }, response => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
  })
  call.on('error', reject)
  call.end(`${JSON.stringify(message)}\n`)
  const { status, text } = await promise
  if (status !== 200) throw new DockerError(method, status, text)
  return JSON.parse(text)
}
