import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { EngineTls } from '../../../src/docker-engine/engine-connection.ts'
import { openDockerEngine } from '../../../src/docker-engine/open-docker-engine.ts'

const run = promisify(execFile)
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kuryr-engine-'))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

/** Asks the engine at `host` who it is. */
async function ask(host: string, tls?: EngineTls): Promise<string> {
  const engine = openDockerEngine({ host, log: pino({ level: 'silent' }), ...(tls && { tls }) })
  try {
    return (await engine.info({ timeoutMs: 5000 })).name
  } finally {
    await engine.close()
  }
}

async function listening(server: Server, where: string | number = 0): Promise<number> {
  if (typeof where === 'string') server.listen(where)
  else server.listen(where, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const answerInfo: RequestListener = (request, response) => {
  response.setHeader('Api-Version', '1.45')
  response.end(request.url === '/_ping' ? 'OK' : JSON.stringify({ ID: 'e1', Name: 'node1' }))
}

describe('an engine that cannot be asked', () => {
  it('has no socket', async () => {
    const error = {
      name: 'EngineUnavailableError',
      outcome: 'not-done',
      message: expect.stringMatching(/is Docker installed and running/) as string,
    }
    await expect(ask(`unix://${directory}/none.sock`)).rejects.toMatchObject(error)
    await expect(ask(`unix:///proc/self/status/none.sock`)).rejects.toMatchObject({
      message: expect.stringMatching(/is the path right/) as string,
    })
  })

  it('has a socket, or a file in its place, at which nobody listens', async () => {
    await writeFile(join(directory, 'file.sock'), '')
    const error = {
      name: 'EngineUnavailableError',
      outcome: 'not-done',
      message: expect.stringMatching(/nobody listens there/) as string,
    }
    await expect(ask(`unix://${directory}/file.sock`)).rejects.toMatchObject(error)
  })

  it('has a port at which nobody listens', async () => {
    const server = createServer()
    const port = await listening(server)
    server.close()
    await once(server, 'close')
    const error = {
      outcome: 'not-done',
      message: expect.stringMatching(/tcp:\/\/127.0.0.1:\d+: nobody listens there/) as string,
    }
    await expect(ask(`tcp://127.0.0.1:${port}`)).rejects.toMatchObject(error)
  })

  it('hangs up, or says what is not HTTP', async () => {
    const mute = join(directory, 'mute.sock')
    await listening(
      createServer(socket => socket.end()),
      mute,
    )
    await expect(ask(`unix://${mute}`)).rejects.toMatchObject({ name: 'EngineUnavailableError', outcome: 'unknown' })
    const ssh = join(directory, 'ssh.sock')
    await listening(
      createServer(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
      ssh,
    )
    await expect(ask(`unix://${ssh}`)).rejects.toMatchObject({ name: 'EngineUnavailableError', outcome: 'unknown' })
  })

  it('is no engine', async () => {
    const port = await listening(createHttpServer((_, response) => response.end('<h1>It works!</h1>')))
    await expect(ask(`tcp://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'unexpected',
      message: expect.stringMatching(/no Docker engine/) as string,
    })
  })
})

describe('an engine over TCP', () => {
  it('is asked', async () => {
    const port = await listening(createHttpServer(answerInfo))
    expect(await ask(`tcp://127.0.0.1:${port}`)).toBe('node1')
  })
})

describe.skipIf(!hasOpenssl)('an engine over TLS (needs the openssl command)', () => {
  let tls: EngineTls

  async function selfSigned(name: string): Promise<{ certFile: string; keyFile: string }> {
    const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
    await run('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject])
    return { certFile, keyFile }
  }

  beforeAll(async () => {
    const engine = await selfSigned('engine')
    tls = { ...(await selfSigned('client')), caFile: engine.certFile }
  })

  /** As `dockerd --tlsverify` listens. */
  async function tlsVerify(): Promise<number> {
    const [cert, key] = [await readFile(join(directory, 'engine.pem')), await readFile(join(directory, 'engine.key'))]
    const ca = await readFile(join(directory, 'client.pem'))
    return listening(createHttpsServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, answerInfo))
  }

  it('is asked, with the certificates as they are at that time', async () => {
    const host = `tcp://127.0.0.1:${await tlsVerify()}`
    const later = { ...tls, certFile: join(directory, 'later.pem') }
    const engine = openDockerEngine({ host, tls: later, log: pino({ level: 'silent' }) })
    onTestFinished(() => engine.close())
    const missing = {
      name: 'EngineUnavailableError',
      outcome: 'not-done',
      message: expect.stringContaining('later.pem') as string,
    }
    await expect(engine.info()).rejects.toMatchObject(missing)
    await writeFile(later.certFile, await readFile(tls.certFile))
    expect(await engine.info()).toMatchObject({ name: 'node1' })
  })

  it('is not trusted when another authority vouches for it', async () => {
    const host = `tcp://127.0.0.1:${await tlsVerify()}`
    const error = {
      name: 'EngineUnavailableError',
      outcome: 'not-done',
      message: expect.stringMatching(/TLS failed.*authority/) as string,
    }
    await expect(ask(host, { ...tls, caFile: tls.certFile })).rejects.toMatchObject(error)
  })

  it('turns away a client that it does not know', async () => {
    const host = `tcp://127.0.0.1:${await tlsVerify()}`
    await expect(ask(host, { ...tls, ...(await selfSigned('stranger')) })).rejects.toMatchObject({
      name: 'EngineUnavailableError',
    })
  })

  it('is told from one without TLS, and the other way round', async () => {
    const plain = await listening(createHttpServer(answerInfo))
    await expect(ask(`tcp://127.0.0.1:${plain}`, tls)).rejects.toMatchObject({
      message: expect.stringMatching(/does it speak TLS at that port/) as string,
    })
    await expect(ask(`tcp://127.0.0.1:${await tlsVerify()}`)).rejects.toThrow(/./)
  })
})
