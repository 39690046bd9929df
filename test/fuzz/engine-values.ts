import type {
  EngineEvent,
  EngineNetwork,
  InspectedContainer,
  ListedContainer,
} from '../../src/docker-engine/docker-engine.ts'

/** What is wrong with the types of a network that the client gave; empty when all is well. Its own judge, not the client's schema. */
export function wrongInNetwork(network: EngineNetwork): string[] {
  const { IPAM, Containers = {} } = network
  const wrong: string[] = []
  const expectThat = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what)
  }
  for (const field of ['Id', 'Name', 'Created', 'Scope', 'Driver'] as const) {
    expectThat(field, isText(network[field]))
  }
  for (const field of ['EnableIPv6', 'Internal', 'Attachable', 'Ingress', 'ConfigOnly'] as const) {
    expectThat(field, typeof network[field] === 'boolean')
  }
  expectThat('EnableIPv4', !('EnableIPv4' in network) || typeof network.EnableIPv4 === 'boolean')
  expectThat('ConfigFrom', isText(network.ConfigFrom.Network))
  for (const texts of [network.Options, network.Labels, IPAM.Options]) expectThat('texts', areTexts(texts))
  expectThat('IPAM.Driver', isText(IPAM.Driver))
  for (const config of IPAM.Config) {
    expectThat('Subnet', isText(config.Subnet))
    for (const field of ['IPRange', 'Gateway'] as const) {
      expectThat(field, !(field in config) || (isText(config[field]) && config[field] !== ''))
    }
    expectThat('AuxiliaryAddresses', areTexts(config.AuxiliaryAddresses ?? {}))
  }
  for (const container of Object.values(Containers)) {
    expectThat('container', Object.keys(container).length === 5 && areTexts(container))
  }
  return wrong
}

/** As {@link wrongInNetwork}, for a container. */
export function wrongInContainer(container: InspectedContainer): string[] {
  const { Name, Endpoints } = container
  const named = isText(Name) && Name !== '' && !Name.startsWith('/')
  const placed = Endpoints.every(endpoint => areTexts(endpoint) && endpoint.EndpointID !== '')
  return [...wrongInListed(container), ...(named ? [] : ['Name']), ...(placed ? [] : ['Endpoints'])]
}

/** As {@link wrongInNetwork}, for a container of the list. */
export function wrongInListed({ Id, Labels }: ListedContainer): string[] {
  return [...(isText(Id) && Id !== '' ? [] : ['Id']), ...(areTexts(Labels) ? [] : ['Labels'])]
}

/** As {@link wrongInNetwork}, for an event. */
export function wrongInEvent(event: EngineEvent): string[] {
  const { type, ...fields } = event
  if (type === 'subscribed') return Object.keys(fields)
  const { container: _, ...always } = { container: '', ...fields }
  return areTexts(fields) && Object.keys(always).length === 4 ? [] : [JSON.stringify(event)]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function areTexts(value: object): boolean {
  return Object.values(value).every(isText)
}
