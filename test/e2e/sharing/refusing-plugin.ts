import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'

/**
 * Takes the place of a kuryr that is down, and refuses every call at once: for what kuryr notices of it, the same as being
 * down, but Docker does not wait 15 s for each call. At the end of the block the place is free again.
 */
export async function refusingPlugin(host: DockerHost): Promise<AsyncDisposable> {
  const socket = host.outside('/run/docker/plugins/kuryr.sock')
  await rm(socket, { force: true })
  const server = createServer((_request, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"Err": "down"}')
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
