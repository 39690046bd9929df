import type { NetworkCreateBody } from '../docker-engine.ts'

/** The least that a network of ours is made with. */
export const blue: NetworkCreateBody = {
  Name: 'blue',
  Driver: 'kuryr',
  Internal: false,
  Attachable: false,
  EnableIPv6: false,
  IPAM: { Driver: 'kuryr', Options: {}, Config: [] },
  Options: {},
  Labels: {},
}
