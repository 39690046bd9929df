import { linuxbridge } from '../openstack/kinds.ts'
import { openStackSuite } from '../openstack/openstack.suite.ts'

openStackSuite(linuxbridge)
