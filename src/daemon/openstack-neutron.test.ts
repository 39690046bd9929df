import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/option-table.ts'
import { machineWith } from '../config/testing/machine.ts'
import { activationIn, nestedIn } from './openstack-neutron.ts'

/** As the daemon takes it from a file, which upstream reads too late for these options (its bug D6). */
function configFrom(file: string): Config {
  return loadConfig({ configFile: ['k.conf'] }, machineWith({ files: { 'k.conf': file } })).config
}

describe('the port driver of kuryr.conf', () => {
  it.each([
    ['nested', 'macvlan'],
    ['nested', 'ipvlan'],
    ['vlan', 'vlan'],
  ])('D6: default_port_driver = %s with default_driver = %s is what containers get', (driver, kind) => {
    const file = `[DEFAULT]\ndefault_port_driver = ${driver}\n[binding]\ndefault_driver = ${kind}\n`
    expect(nestedIn(configFrom(`${file}link_iface = ens3`))).toEqual({ kind, parent: 'ens3' })
    expect(() => nestedIn(configFrom(file))).toThrow('set [binding] link_iface')
  })

  it.each(['nested', 'vlan'])('%s is refused with a driver that does not go with it', driver => {
    const config = configFrom(`[DEFAULT]\ndefault_port_driver = ${driver}\n[binding]\nlink_iface = ens3`)
    expect(() => nestedIn(config)).toThrow(`default_port_driver is ${driver}: expected [binding] default_driver`)
  })

  it('is veth by default: the host is no VM', () => {
    expect(nestedIn(configFrom(''))).toBeUndefined()
  })
})

describe('vif_plugging_is_fatal', () => {
  it('R8: with vif_plugging_timeout = 0 the wait for an ACTIVE port ends before Docker’s call does', () => {
    const config = configFrom('[DEFAULT]\ncall_timeout = 30\n[neutron]\nvif_plugging_is_fatal = true')
    expect(activationIn(config)).toEqual({ patience: 24_000 })
  })

  it('waits as long as vif_plugging_timeout says, and not at all where it is off', () => {
    const file = '[neutron]\nvif_plugging_timeout = 7\nvif_plugging_is_fatal = '
    expect(activationIn(configFrom(`${file}true`))).toEqual({ patience: 7000 })
    expect(activationIn(configFrom(`${file}false`))).toBeUndefined()
  })
})
