import { NeutronError } from '../../neutron/errors.ts'
import type { ServiceContext } from '../context.ts'

/** @throws NeutronError InvalidInput when packets of this size would not fit through the path between the hosts */
export function checkMtu(context: Pick<ServiceContext, 'defaultMtu'>, mtu: number | undefined): void {
  if (mtu === undefined || mtu <= context.defaultMtu) return
  const message = `Invalid input for operation: Requested MTU ${mtu} is too big, maximum is ${context.defaultMtu}.`
  throw new NeutronError('InvalidInput', message)
}
