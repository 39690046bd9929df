import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPluginServer, type PluginServer } from '../../src/docker-plugin/plugin-server.ts'
import { recordingDrivers } from '../fuzz/recording-drivers.ts'

const run = promisify(execFile)
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
let directory: string
let server: PluginServer
let uri: string

async function selfSigned(name: string): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject])
  return { certFile, keyFile }
}

/** Calls the plugin with this client certificate, or none; trusts the server's own. */
async function activate(client?: { certFile: string; keyFile: string }): Promise<number> {
  const own = client && { cert: await readFile(client.certFile), key: await readFile(client.keyFile) }
  const agent = new Agent({ connect: { ca: await readFile(join(directory, 'server.pem')), ...own } })
  try {
    const answer = await request(`${uri}/Plugin.Activate`, { method: 'POST', dispatcher: agent })
    await answer.body.dump()
    return answer.statusCode
  } finally {
    await agent.destroy()
  }
}

describe.skipIf(!hasOpenssl)('the plugin over TLS (needs the openssl command)', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kuryr-tls-'))
    const own = await selfSigned('server')
    const { certFile: caFile } = await selfSigned('docker')
    const drivers = recordingDrivers()
    const options = { log: pino({ level: 'silent' }), callTimeout: 5, tls: { ...own, caFile } }
    server = openPluginServer({ ...drivers, ...options })
    uri = (await server.listen('https://0.0.0.0:0')).replace('0.0.0.0', '127.0.0.1')
  })

  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  it('answers a client whose certificate the authority vouches for', async () => {
    const docker = { certFile: join(directory, 'docker.pem'), keyFile: join(directory, 'docker.key') }
    expect(await activate(docker)).toBe(200)
  })

  it('turns away a client without a certificate, and one with a foreign one', async () => {
    await expect(activate()).rejects.toThrow()
    await expect(activate(await selfSigned('stranger'))).rejects.toThrow()
  })
})
