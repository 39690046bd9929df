import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { HostNamespaces } from '../hosts/host-namespaces.ts'
import { LongRunning } from '../processes/long-running.ts'
import { provideDebianPackages } from './openstack-packages.ts'

export interface OpenVSwitchPlan {
  hostName: string
  /** Of its own: database and logs are in it. */
  directory: string
  namespaces: HostNamespaces
}

/** The switch's packages, and ethtool, which kuryr needs for its userspace datapath. */
const packages = ['openvswitch-switch', 'ethtool']

const socket = '/run/openvswitch/db.sock'

/**
 * The Open vSwitch of one host, below the host's own /run as an operator has it. The kernel of test machines has no
 * `openvswitch`, so its bridges use the userspace datapath.
 */
export class OpenVSwitch {
  readonly #plan: OpenVSwitchPlan
  #server: LongRunning | undefined
  #daemon: LongRunning | undefined

  constructor(plan: OpenVSwitchPlan) {
    this.#plan = plan
  }

  /** What a program outside of the host connects to. */
  get address(): string {
    return `unix:${this.#plan.namespaces.outside(socket)}`
  }

  /** Starts both daemons on an empty database, or on the one that is there, and waits until they answer. */
  async start(): Promise<void> {
    await provideDebianPackages(packages)
    const { directory, namespaces } = this.#plan
    await mkdir(directory, { recursive: true })
    const database = path.join(directory, 'conf.db')
    const make = `mkdir -p /run/openvswitch; [ -e "$1" ] || ovsdb-tool create "$1" /usr/share/openvswitch/vswitch.ovsschema`
    await namespaces.output(['sh', '-ec', make, 'sh', database])
    await this.startServer()
    await namespaces.output(['ovs-vsctl', '--no-wait', 'init'])
    await this.startDaemon()
  }

  async startServer(): Promise<void> {
    const database = path.join(this.#plan.directory, 'conf.db')
    const remotes = [`--remote=punix:${socket}`, '--remote=db:Open_vSwitch,Open_vSwitch,manager_options']
    const unixctl = '--unixctl=/run/openvswitch/ovsdb.ctl'
    this.#server = await this.#run('ovsdb-server', ['ovsdb-server', database, ...remotes, unixctl])
    await this.#server.ready(10_000, () => this.#succeeds('ovs-vsctl', '--timeout=2', '--no-wait', 'show'))
  }

  async startDaemon(): Promise<void> {
    const files = ['--unixctl=/run/openvswitch/vswitchd.ctl', '--pidfile=/run/openvswitch/ovs-vswitchd.pid']
    this.#daemon = await this.#run('ovs-vswitchd', ['ovs-vswitchd', `unix:${socket}`, ...files])
    await this.#daemon.ready(10_000, () => this.#succeeds('ovs-vsctl', '--timeout=2', 'show'))
  }

  /** Runs ovs-vsctl on the host, which waits until ovs-vswitchd has done it. */
  vsctl(...args: string[]): Promise<string> {
    return this.#plan.namespaces.output(['ovs-vsctl', '--timeout=20', ...args])
  }

  /**
   * Moves the host's address to a bridge that has `eth0`: what the userspace datapath encapsulates leaves only through a
   * bridge that owns the route.
   */
  async takeUnderlay(address: string): Promise<void> {
    await this.vsctl('add-br', 'br-phy', '--', 'set', 'bridge', 'br-phy', 'datapath_type=netdev')
    await this.vsctl('add-port', 'br-phy', 'eth0')
    const move = `ip addr flush dev eth0; ip addr add ${address}/24 dev br-phy; ip link set br-phy up; ethtool -K eth0 tx off; ethtool -K br-phy tx off`
    await this.#plan.namespaces.output(['sh', '-ec', move])
  }

  async stopServer(): Promise<void> {
    await this.#server?.stop(10_000)
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop(10_000)
  }

  async stop(): Promise<void> {
    await this.stopDaemon()
    await this.stopServer()
  }

  async #run(name: string, command: [string, ...string[]]): Promise<LongRunning> {
    const { directory, hostName, namespaces } = this.#plan
    const { program, args, environment } = namespaces.enter(command)
    const logFile = path.join(directory, `${name}.log`)
    return LongRunning.start({ name: `${name} of ${hostName}`, program, args, environment, logFile })
  }

  async #succeeds(...command: [string, ...string[]]): Promise<boolean> {
    return (await this.#plan.namespaces.run(command)).exitCode === 0
  }
}
