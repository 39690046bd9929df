import { hybrid, openvswitch, ovn } from './kinds.ts'
import { openStackSuite } from './openstack.suite.ts'

for (const kind of [openvswitch, hybrid, ovn]) openStackSuite(kind)
