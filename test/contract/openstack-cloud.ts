import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cloud } from '../../src/keystone/cloud.ts'
import { readCloud } from '../../src/keystone/read-cloud.ts'
import { type OpenStack, type OpenStackOptions, startOpenStack } from '../lab/openstack/openstack.ts'

/** A real Neutron and Keystone in a directory of their own, for the tests of one file. */
export interface TestOpenStack {
  openstack: OpenStack
  directory: string
  remove: () => Promise<void>
}

/** Starts them; every host name in `hosts` has an L2 agent in Neutron's database, so that its ports are bound. */
export async function testOpenStack(
  options: Omit<OpenStackOptions, 'place'> & { hosts?: readonly string[] } = {},
): Promise<TestOpenStack> {
  const directory = await mkdtemp(join(tmpdir(), 'kuryr-openstack-'))
  const { hosts = [], ...rest } = options
  const agents = hosts.map(host => ({ host, type: 'linuxbridge', tunnelingIp: '192.0.2.1' }) as const)
  try {
    const openstack = await startOpenStack({ agents, ...rest, place: { directory } })
    const remove = async (): Promise<void> => {
      await openstack.neutron.kill()
      await openstack.keystone?.kill()
      await rm(directory, { recursive: true, maxRetries: 5 })
    }
    return { openstack, directory, remove }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/** The user `kuryr`, an admin in project `service`, or `plain`, a member of project `plain`; as keystoneauth names it. */
export function settingsOf({ keystone }: OpenStack, user: 'kuryr' | 'plain' = 'kuryr'): Record<string, string> {
  return {
    auth_type: 'password',
    auth_url: keystone?.url ?? '',
    username: user,
    password: user,
    project_name: user === 'kuryr' ? 'service' : 'plain',
  }
}

/** The cloud with some settings changed. */
export function cloudOf(openstack: OpenStack, changed: Readonly<Record<string, string>> = {}): Cloud {
  return readCloud({ ...settingsOf(openstack), ...changed })
}
