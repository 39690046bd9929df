import type { Logger } from 'pino'
import type { AccessServices, FloatingIp } from '../neutron/access.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import { ifThere } from './if-there.ts'
import { isBirthMark, wasBornOn } from './birth-marks.ts'
import { DEVICE_OWNER, dockerIdOf, dockerIdTags } from './marks.ts'
import { listFloatingIps } from './list-floating-ips.ts'
import { releaseFloatingIp } from './release-floating-ips.ts'

interface Services {
  neutron: Pick<Neutron, 'networks' | 'subnetpools' | 'ports'>
  access: Pick<AccessServices, 'floatingIps' | 'portForwardings'>
}

/** Milliseconds for which a floating IP without tags may still be in the making. */
const YOUNG = 60_000

/**
 * Removes what is left of published ports: floating IPs that this host allocated and did not come to mark, those of Docker
 * networks that are no more, and forwardings of ours to ports that are no container's any more.
 */
export async function sweepFloatingIps(
  services: Services,
  { host, now, log }: { host: string; now: number; log: Pick<Logger, 'warn'> },
  call: Call,
): Promise<void> {
  const { access } = services
  const kept: FloatingIp[] = []
  for (const floatingIp of await listFloatingIps(access, call)) {
    const { id, floating_ip_address: address } = floatingIp
    if (!(await isLeft(services, { floatingIp, host, now }, call))) {
      kept.push(floatingIp)
      continue
    }
    log.warn({ floatingIpId: id, address }, 'removing a floating IP whose Docker network is no more')
    await releaseFloatingIp(access, id, call)
  }
  await sweepForwardings(services, { floatingIps: kept, log }, call)
}

async function isLeft(
  { neutron }: Services,
  { floatingIp, host, now }: { floatingIp: FloatingIp; host: string; now: number },
  call: Call,
): Promise<boolean> {
  const { tags, description, created_at } = floatingIp
  if (!isBirthMark(description)) return false
  if (tags.length === 0) return wasBornOn(description, host) && now - Date.parse(created_at) > YOUNG
  const dockerId = dockerIdOf(tags)
  if (dockerId === undefined) return false
  const marks = { tags: dockerIdTags(dockerId) }
  const [networks, pools] = await Promise.all([
    neutron.networks.list(marks, call),
    neutron.subnetpools.list(marks, call),
  ])
  return networks.length === 0 && pools.length === 0
}

/** A port of the operator's that a container had, and that was given back while nobody told of the end of its ports. */
async function sweepForwardings(
  { neutron, access }: Services,
  { floatingIps, log }: { floatingIps: readonly FloatingIp[]; log: Pick<Logger, 'warn'> },
  call: Call,
): Promise<void> {
  for (const { id, port_forwardings } of floatingIps) {
    const portIds = [...new Set(port_forwardings.map(({ internal_port_id }) => internal_port_id))]
    if (portIds.length === 0) continue
    const ports = await neutron.ports.list({ id: portIds }, call)
    const free = ports.filter(({ device_owner, device_id }) => device_owner !== DEVICE_OWNER || device_id === '')
    for (const port of free) {
      const forwardings = await access.portForwardings(id).list({ internal_port_id: port.id }, call)
      for (const one of forwardings.filter(({ description }) => isBirthMark(description))) {
        log.warn({ portId: port.id, floatingIpId: id }, 'removing a port forwarding whose container is no more')
        await ifThere(access.portForwardings(id).delete(one.id, call))
      }
    }
  }
}
