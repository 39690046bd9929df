import { existsSync } from 'node:fs'
import path from 'node:path'
import { outputOf } from '../processes/run-program.ts'
import { programs } from './unpacked-programs.ts'

/** What runs a ZooKeeper server. */
export interface ZooKeeperPrograms {
  /** The command to which the file of the server's configuration is added. */
  server: readonly string[]
}

/** Of the packages' many: what a server loads, with its TLS. */
const jars = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-simple',
  'snappy-java',
  'metrics-core',
  ...[
    'all',
    'buffer',
    'codec',
    'common',
    'handler',
    'resolver',
    'transport',
    'transport-native-epoll',
    'transport-native-unix-common',
  ].map(part => `netty-${part}`),
]

/** ZooKeeper 3.8.0 of Debian 12, on this machine's Java if it has one, else on Debian's 17, unpacked beside the system. */
export async function zookeeper38(): Promise<ZooKeeperPrograms> {
  const packages = ['libzookeeper-java', 'libslf4j-java', 'libsnappy-java', 'libdropwizard-metrics-java']
  const { root } = await programs('bookworm', [...packages, 'libnetty-java'])
  const classPath = jars.map(name => path.join(root, 'usr/share/java', `${name}.jar`))
  const missing = classPath.filter(file => !existsSync(file))
  if (missing.length > 0) throw new Error(`expected ${missing.join(', ')}: delete ${root}, it is remade`)
  // Tests start it often and use it little: small, and quick to start.
  const small = [
    '-Xmx192m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ]
  // Alone or one of many, as its configuration says.
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  return { server: [await java(), ...small, '-cp', classPath.join(':'), main] }
}

async function java(): Promise<string> {
  const found = await outputOf('java', ['-version']).then(
    () => true,
    () => false,
  )
  return found ? 'java' : unpackedJava()
}

/** For a machine without Java. */
export async function unpackedJava(): Promise<string> {
  const { root } = await programs('bookworm', ['openjdk-17-jre-headless'])
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  return path.join(root, `usr/lib/jvm/java-17-openjdk-${architecture}/bin/java`)
}
