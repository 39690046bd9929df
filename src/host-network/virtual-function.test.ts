import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findVirtualFunction } from './virtual-function.ts'

/** As sysfs shows a card with two virtual functions, of which the second has no driver. */
describe('findVirtualFunction', () => {
  let devices: string
  beforeEach(async () => {
    devices = await mkdtemp(path.join(tmpdir(), 'kuryr-pci-'))
    await mkdir(path.join(devices, '0000:03:00.0/net/enp3s0'), { recursive: true })
    await mkdir(path.join(devices, '0000:03:10.0/net/enp3s0v0'), { recursive: true })
    await mkdir(path.join(devices, '0000:03:10.1'), { recursive: true })
    for (const [index, address] of ['0000:03:10.1', '0000:03:10.0'].entries()) {
      await symlink(`../${address}`, path.join(devices, `0000:03:00.0/virtfn${index}`))
      await symlink('../0000:03:00.0', path.join(devices, address, 'physfn'))
    }
  })
  afterEach(() => rm(devices, { recursive: true }))

  it('tells its device, and its number at the physical function', async () => {
    const found = await findVirtualFunction('0000:03:10.0', devices)
    expect(found).toEqual({ device: 'enp3s0v0', physicalDevice: 'enp3s0', index: 1 })
  })

  it.each([
    ['0000:03:10.1', 'is its driver bound?'],
    ['0000:03:00.0', 'is no virtual function'],
    ['0000:99:00.0', 'has no network device'],
    ['../../net', 'expected a PCI address'],
  ])('refuses %s', async (address, why) => {
    await expect(findVirtualFunction(address, devices)).rejects.toThrow(why)
  })
})
