import { readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { HostNetworkError } from './host-network-error.ts'

/** A virtual function (VF) of an SR-IOV network card, as Linux has it. */
export interface VirtualFunction {
  /** Its own network device. */
  device: string
  /** That of the physical function, through which its MAC and VLAN are set. */
  physicalDevice: string
  /** Its number there. */
  index: number
}

const pciAddress = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/

/**
 * Finds a virtual function by its PCI address, such as `0000:03:10.1`, in sysfs.
 *
 * @param devices where sysfs lists PCI devices
 * @throws {HostNetworkError} `invalid-argument` for what is no PCI address; `absent`, saying what is missing
 */
export async function findVirtualFunction(address: string, devices = '/sys/bus/pci/devices'): Promise<VirtualFunction> {
  if (!pciAddress.test(address)) {
    throw new HostNetworkError(
      'invalid-argument',
      `expected a PCI address such as 0000:03:10.1, got ${JSON.stringify(address)}`,
    )
  }
  const own = path.join(devices, address)
  const device = await onlyName(
    path.join(own, 'net'),
    `PCI device ${address} has no network device: is its driver bound?`,
  )
  const physical = path.join(own, 'physfn')
  const isNone = `PCI device ${address} is no virtual function of an SR-IOV card`
  const physicalDevice = await onlyName(path.join(physical, 'net'), isNone)
  for (const name of (await namesIn(physical)).filter(entry => /^virtfn\d+$/.test(entry))) {
    const target = path.basename(await readlink(path.join(physical, name)))
    if (target === address) return { device, physicalDevice, index: Number(name.slice('virtfn'.length)) }
  }
  throw new HostNetworkError('absent', isNone)
}

async function onlyName(directory: string, otherwise: string): Promise<string> {
  const [name] = await namesIn(directory)
  if (name === undefined) throw new HostNetworkError('absent', otherwise)
  return name
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort()
  } catch {
    return []
  }
}
