import { outputOf } from '../processes/run-program.ts'
import type { OpenStack } from './openstack.ts'
import type { ServicePlace } from './service-place.ts'

/** The operator's own way to Neutron and Keystone, as their `admin`, from the machine that they run on. */
export class CloudApi {
  readonly #place: ServicePlace
  readonly #openstack: OpenStack
  #token: string | undefined

  constructor(place: ServicePlace, openstack: OpenStack) {
    this.#place = place
    this.#openstack = openstack
  }

  /** Calls Neutron: `call('POST', '/v2.0/networks', { network: {} })`. @throws ProgramFailed for a status of 400 and more */
  async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', resource: string, body?: unknown): Promise<unknown> {
    this.#token ??= await this.#newToken()
    const url = `${this.#openstack.neutron.url}${resource}`
    const answer = await this.#curl([...this.#headers(), '--request', method, url], body)
    return answer === '' ? undefined : JSON.parse(answer)
  }

  /** Hosts that have an L2 agent which reports to Neutron. */
  async aliveAgents(): Promise<string[]> {
    const { agents } = (await this.call('GET', '/v2.0/agents')) as { agents: { host: string; alive: boolean }[] }
    return [...new Set(agents.filter(({ alive }) => alive).map(({ host }) => host))]
  }

  #headers(): string[] {
    return this.#token === undefined ? [] : ['--header', `X-Auth-Token: ${this.#token}`]
  }

  async #newToken(): Promise<string> {
    const domain = { id: 'default' }
    const identity = { methods: ['password'], password: { user: { name: 'admin', password: 'admin', domain } } }
    const auth = { identity, scope: { project: { name: 'admin', domain } } }
    const url = `${this.#openstack.keystone?.url ?? ''}/auth/tokens`
    const answer = await this.#curl(['--dump-header', '-', '--output', '/dev/null', url], { auth })
    const token = /^x-subject-token: *(\S+)/im.exec(answer)?.[1]
    if (token === undefined) throw new Error(`expected a token of ${url}, got ${answer}`)
    return token
  }

  #curl(args: string[], body?: unknown): Promise<string> {
    const data =
      body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data', JSON.stringify(body)]
    const curl = ['curl', '--silent', '--show-error', '--fail-with-body', ...data, ...args]
    const { namespace } = this.#place
    const [program = '', ...all] =
      namespace === undefined ? curl : ['nsenter', `--net=/run/netns/${namespace}`, '--', ...curl]
    return outputOf(program, all)
  }
}
