import type { Experiment, NeutronApi } from '../experiment/experiment.ts'
import type { KuryrOptions } from '../lab/hosts/kuryr-daemon.ts'
import { type DockerVersion, type Lab, startLab } from '../lab/lab.ts'
import { type Cloud, type CloudOptions, startCloud } from '../lab/openstack/cloud.ts'

/**
 * Docker hosts, an OpenStack around them, and kuryr on it; by default two that share networks by a cluster store.
 *
 * @param more of the lab and of each kuryr.conf
 */
export async function startCloudLab(
  name: string,
  options: CloudOptions,
  more: { docker?: DockerVersion; kuryr?: KuryrOptions } = {},
): Promise<{ lab: Lab; cloud: Cloud }> {
  const lab = await startLab({ name, kuryr: false, ...(more.docker && { docker: more.docker }) })
  try {
    const cloud = await startCloud(lab, options)
    for (const { kuryr } of lab.hosts) {
      // So that the first packet of a container passes.
      const activation = { vif_plugging_is_fatal: 'true', vif_plugging_timeout: '30' }
      await kuryr.configure({ neutron: { ...cloud.kuryrOptions, ...activation }, ...more.kuryr })
    }
    await Promise.all(lab.hosts.map(({ kuryr }) => kuryr.start()))
    return { lab, cloud }
  } catch (error) {
    await lab.stop()
    throw error
  }
}

/** The cloud's Neutron as the experiment calls it. */
export function neutronOf({ api, openstack }: Cloud): NeutronApi {
  return {
    machine: 'controller',
    url: openstack.neutron.url,
    call: (method, resource, body) => api.call(method, resource, body),
  }
}

/** Runs the experiment in silence. */
export const silent: ConstructorParameters<typeof Experiment>[1] = { command: () => undefined, remark: () => undefined }
