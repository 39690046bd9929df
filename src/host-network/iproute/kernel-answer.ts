import { HostNetworkError, type HostNetworkFailure } from '../host-network-error.ts'
import { CommandFailed } from '../run-command.ts'

const answers: { says: RegExp; failure: HostNetworkFailure; advice?: string }[] = [
  {
    says: /Operation not permitted|Permission denied/,
    failure: 'forbidden',
    advice: 'the daemon needs root with CAP_NET_ADMIN and CAP_SYS_ADMIN (in a container: --privileged --net=host)',
  },
  {
    says: /VXLAN device with the specified VNI already exists/,
    failure: 'exists',
    advice: 'another VXLAN device of this host has the same VNI and UDP port: see `ip -d link show type vxlan`',
  },
  { says: /File exists/, failure: 'exists' },
  {
    says: /Unknown device type|not supported|Unknown qdisc/,
    failure: 'unsupported',
    advice: 'the kernel lacks this kind of device: load its module (modprobe bridge vxlan veth macvlan ipvlan 8021q)',
  },
  {
    says: /Cannot find device|No such file or directory|does not exist|No such device|No such process|setting the network namespace/,
    failure: 'absent',
  },
  { says: /Cannot assign requested address/, failure: 'other', advice: 'the local address is not one of this host' },
  { says: /Object "|Command ".*" is unknown|What is "/, failure: 'other', advice: 'iproute2 6.0 or newer is needed' },
]

/** What `ip`, `bridge` or `sysctl` complained about, as the one error class of this part. */
export function fromKernelAnswer(error: unknown): HostNetworkError {
  if (error instanceof HostNetworkError) return error
  if (!(error instanceof CommandFailed)) return new HostNetworkError('other', String(error))
  const known = answers.find(answer => answer.says.test(error.output))
  const advice = known?.advice === undefined ? '' : ` (${known.advice})`
  return new HostNetworkError(known?.failure ?? 'other', `${error.message}${advice}`, { cause: error })
}
