import { engineUri } from '../address-types.ts'
import { option } from '../option.ts'
import { boolean, listOf, oneWord, seconds, text } from '../value-types.ts'

/** The options of `[sharing]`: networks that are made on one host and are on all, without a cluster store of Docker's. */
export const sharingOptions = {
  enabled: option(
    boolean,
    'true',
    'Make a network that is created on one host appear on all hosts. Needs `capability_scope = local` and a store that all hosts reach (`[store] url`, not SQLite) or OpenStack’s Neutron; without them it is off by itself.',
  ),
  namespace: option(
    oneWord,
    'default',
    'Hosts share with the hosts of the same namespace only: two groups of hosts can use one store.',
  ),
  networks: option(
    listOf({ ...text, words: 'names of networks, with `*` and `?` as in a shell' }),
    '*',
    'Which networks this host shares and takes, by name.',
  ),
  hosts: option(
    listOf({ ...text, words: 'names of hosts, with `*` and `?` as in a shell' }),
    '*',
    'From which hosts this host takes networks.',
  ),
  docker_host: option(
    engineUri,
    'unix:///run/docker.sock',
    'The Docker engine of this host: `unix:///path` or `tcp://127.0.0.1:port`. Its networks are followed and made through it. Where networks are not shared it is still asked for the names and labels of containers (`[DEFAULT] describe_ports`).',
  ),
  interval: option(
    seconds(1, 86_400),
    '60',
    'Seconds between full comparisons of this host’s networks with the shared ones. What changes in between is acted upon at once.',
  ),
  poll: option(
    seconds(1, 3600),
    '5',
    'With OpenStack and no store that all hosts reach, the shared networks are told by tags in Neutron, which tells nobody of changes: seconds between two looks.',
  ),
  announce: option(
    boolean,
    'false',
    'With `capability_scope = global`: make the networks of Docker’s cluster store known to hosts that share without one, while hosts move to a newer Docker one by one.',
  ),
}
