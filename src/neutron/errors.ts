/**
 * Neutron's errors: for each type its HTTP status, whether the same call may succeed later (`retryable`), and whose
 * fault it is. The type names and statuses are Neutron's own (`NeutronError.type` on the wire).
 */
export const neutronErrors = {
  BadRequest: { status: 400, fault: 'user', retryable: false },
  InvalidInput: { status: 400, fault: 'user', retryable: false },
  HTTPBadRequest: { status: 400, fault: 'user', retryable: false },
  InvalidIpForNetwork: { status: 400, fault: 'user', retryable: false },
  InvalidIpForSubnet: { status: 400, fault: 'user', retryable: false },
  InvalidAllocationPool: { status: 400, fault: 'user', retryable: false },
  OutOfBoundsAllocationPool: { status: 400, fault: 'user', retryable: false },
  OverlappingAllocationPools: { status: 409, fault: 'user', retryable: false },
  GatewayConflictWithAllocationPools: { status: 409, fault: 'user', retryable: false },
  NetworkSubnetPoolAffinityError: { status: 400, fault: 'user', retryable: false },
  MissingMinSubnetPoolPrefix: { status: 400, fault: 'user', retryable: false },
  IllegalSubnetPoolPrefixBounds: { status: 400, fault: 'user', retryable: false },
  IllegalSubnetPoolPrefixUpdate: { status: 400, fault: 'user', retryable: false },
  EmptySubnetPoolPrefixList: { status: 400, fault: 'user', retryable: false },
  PrefixVersionMismatch: { status: 400, fault: 'user', retryable: false },
  MinPrefixSubnetAllocationError: { status: 400, fault: 'user', retryable: false },
  MaxPrefixSubnetAllocationError: { status: 400, fault: 'user', retryable: false },
  SubnetAllocationError: { status: 409, fault: 'user', retryable: false },
  PortNotFoundOnNetwork: { status: 404, fault: 'user', retryable: false },
  NetworkNotFound: { status: 404, fault: 'user', retryable: false },
  SubnetNotFound: { status: 404, fault: 'user', retryable: false },
  SubnetPoolNotFound: { status: 404, fault: 'user', retryable: false },
  PortNotFound: { status: 404, fault: 'user', retryable: false },
  AgentNotFound: { status: 404, fault: 'user', retryable: false },
  SecurityGroupNotFound: { status: 404, fault: 'user', retryable: false },
  SecurityGroupRuleNotFound: { status: 404, fault: 'user', retryable: false },
  QosPolicyNotFound: { status: 404, fault: 'user', retryable: false },
  RouterNotFound: { status: 404, fault: 'user', retryable: false },
  FloatingIPNotFound: { status: 404, fault: 'user', retryable: false },
  PortForwardingNotFound: { status: 404, fault: 'user', retryable: false },
  TagNotFound: { status: 404, fault: 'user', retryable: false },
  HTTPNotFound: { status: 404, fault: 'user', retryable: false },
  NetworkInUse: { status: 409, fault: 'user', retryable: false },
  SubnetInUse: { status: 409, fault: 'user', retryable: false },
  SubnetPoolDeleteError: { status: 400, fault: 'user', retryable: false },
  SubnetPoolInUse: { status: 409, fault: 'user', retryable: false },
  SecurityGroupInUse: { status: 409, fault: 'user', retryable: false },
  SecurityGroupRuleExists: { status: 409, fault: 'user', retryable: false },
  GatewayIpInUse: { status: 409, fault: 'user', retryable: false },
  IpAddressInUse: { status: 409, fault: 'user', retryable: false },
  IpAddressAlreadyAllocated: { status: 409, fault: 'user', retryable: false },
  IpAddressGenerationFailure: { status: 409, fault: 'user', retryable: false },
  MacAddressInUse: { status: 409, fault: 'user', retryable: false },
  PortBound: { status: 409, fault: 'user', retryable: false },
  /** A conflict that Neutron has a name for that is not in this table. */
  Conflict: { status: 409, fault: 'user', retryable: false },
  VxlanNetworkInUse: { status: 409, fault: 'user', retryable: false },
  NoNetworkAvailable: { status: 503, fault: 'user', retryable: false },
  RevisionNumberConstraintFailed: { status: 412, fault: 'user', retryable: true },
  TagsLimitExceeded: { status: 400, fault: 'user', retryable: false },
  PolicyNotAuthorized: { status: 403, fault: 'user', retryable: false },
  Unauthorized: { status: 401, fault: 'user', retryable: false },
  OverQuota: { status: 409, fault: 'user', retryable: false },
  ServiceUnavailable: { status: 503, fault: 'system', retryable: true },
  InternalServerError: { status: 500, fault: 'system', retryable: false },
} as const satisfies Record<string, { status: number; fault: 'user' | 'system'; retryable: boolean }>

export type NeutronErrorType = keyof typeof neutronErrors

/** A refusal or failure of the network service. `message` names the value that was wrong and what was expected. */
export class NeutronError extends Error {
  override readonly name = 'NeutronError'
  readonly type: NeutronErrorType
  /** `detail` on the wire. */
  readonly detail: string

  constructor(type: NeutronErrorType, message: string, options: ErrorOptions & { detail?: string } = {}) {
    super(message, options)
    this.type = type
    this.detail = options.detail ?? ''
  }

  /** The HTTP status of this type. */
  get status(): number {
    return neutronErrors[this.type].status
  }

  get retryable(): boolean {
    return neutronErrors[this.type].retryable
  }
}

/** Whether `error` says that the resource is not there: after a delete, that is success. */
export function isNotFound(error: unknown): error is NeutronError {
  return error instanceof NeutronError && error.status === 404
}
