/**
 * The requests of ZooKeeper's protocol that are used here, as bytes. Source: `zookeeper.jute` and `ZooDefs.OpCode` of
 * ZooKeeper 3.8; unchanged since 3.4.
 */
import { JuteReader, JuteWriter } from './jute.ts'
import { replyError, type ZooKeeperError } from './zookeeper-error.ts'

const opcode = { create: 1, delete: 2, getData: 4, setData: 5, sync: 9, ping: 11, getChildren2: 12, check: 13 } as const
const multi = 14
const auth = 100
const closeSession = -11
const error = -1

/** Request ids that are not the caller's. */
export const xids = { watchEvent: -1, ping: -2, auth: -4 } as const

/** Who may use a new node: everybody, or only who is logged in as its maker is. */
export type Access = 'world' | 'creator'

/** A session at ZooKeeper, to be taken up again over another connection. */
export interface Session {
  id: bigint
  password: Buffer
}

/** One request: its number in the protocol, its body, and how the body of its reply is read. */
export interface Request<Reply> {
  type: number
  /** For messages: `getData /kuryr/head`. */
  what: string
  body: Buffer
  read: (body: JuteReader) => Reply
}

export interface NodeData {
  data: Buffer
  /** Counts the changes of the data. */
  version: number
}

export interface Children {
  names: string[]
  /** Counts the changes of the children. */
  version: number
}

/** One of several acts that are done all or none. */
export type Act =
  | { create: string; data: Buffer; ephemeral?: boolean; access: Access }
  | { set: string; data: Buffer; version: number }
  | { check: string }

/** What came of several acts: the new versions of the data set, or which act failed and why. */
export type ActsReply = { done: true; versions: number[] } | { done: false; index: number; error: ZooKeeperError }

export function connectRequest(timeoutMs: number, session: Session | undefined): Buffer {
  const writer = new JuteWriter().int(0).long(0n).int(timeoutMs)
  return writer
    .long(session?.id ?? 0n)
    .buffer(session?.password ?? Buffer.alloc(16))
    .bool(false)
    .frame()
}

/** What the server grants; a time of 0 means that the session is no more. */
export function connectReply(bytes: Buffer): { timeoutMs: number; session: Session } {
  const reader = new JuteReader(bytes)
  reader.int()
  const timeoutMs = reader.int()
  return { timeoutMs, session: { id: reader.long(), password: Buffer.from(reader.buffer()) } }
}

export const pingRequest: Buffer = new JuteWriter().int(xids.ping).int(opcode.ping).frame()

/** Logs in: `digest` of `name:password`. */
export function authRequest(login: string): Buffer {
  return new JuteWriter().int(xids.auth).int(auth).int(0).text('digest').text(login).frame()
}

export function closeRequest(xid: number): Buffer {
  return new JuteWriter().int(xid).int(closeSession).frame()
}

export function frame(xid: number, { type, body }: Request<unknown>): Buffer {
  return new JuteWriter().int(xid).int(type).raw(body).frame()
}

/** Afterwards reads over the same connection see all that was committed before. */
export function syncRequest(path: string): Request<void> {
  return { type: opcode.sync, what: `sync ${path}`, body: new JuteWriter().text(path).bytes(), read: () => undefined }
}

/** @param watch whether to be told once when it changes. */
export function getDataRequest(path: string, watch: boolean): Request<NodeData> {
  const body = new JuteWriter().text(path).bool(watch).bytes()
  return {
    type: opcode.getData,
    what: `getData ${path}`,
    body,
    read: reader => ({ data: Buffer.from(reader.buffer()), version: readStat(reader).version }),
  }
}

/** @param watch whether to be told once when they change. */
export function getChildrenRequest(path: string, watch: boolean): Request<Children> {
  const body = new JuteWriter().text(path).bool(watch).bytes()
  return {
    type: opcode.getChildren2,
    what: `getChildren ${path}`,
    body,
    read: reader => ({ names: reader.texts(), version: readStat(reader).childrenVersion }),
  }
}

/** Whatever its version. */
export function deleteRequest(path: string): Request<void> {
  const body = new JuteWriter().text(path).int(-1).bytes()
  return { type: opcode.delete, what: `delete ${path}`, body, read: () => undefined }
}

export function createRequest(act: Extract<Act, { create: string }>): Request<void> {
  return { type: opcode.create, what: `create ${act.create}`, body: actBody(act), read: () => undefined }
}

/** Does all acts or none. */
export function actsRequest(acts: readonly Act[]): Request<ActsReply> {
  const writer = new JuteWriter()
  for (const act of acts) writer.int(actType(act)).bool(false).int(-1).raw(actBody(act))
  const body = writer.int(-1).bool(true).int(-1).bytes()
  return { type: multi, what: 'multi', body, read: reader => readActs(reader, acts) }
}

function actType(act: Act): number {
  if ('create' in act) return opcode.create
  return 'set' in act ? opcode.setData : opcode.check
}

function actBody(act: Act): Buffer {
  const writer = new JuteWriter()
  if ('set' in act) return writer.text(act.set).buffer(act.data).int(act.version).bytes()
  if ('check' in act) return writer.text(act.check).int(-1).bytes()
  writer.text(act.create).buffer(act.data)
  // One entry of the access list: all permissions, for a scheme and a name.
  writer.int(1).int(31)
  if (act.access === 'world') writer.text('world').text('anyone')
  else writer.text('auth').text('')
  return writer.int(act.ephemeral === true ? 1 : 0).bytes()
}

function readActs(reader: JuteReader, acts: readonly Act[]): ActsReply {
  const versions: number[] = []
  for (let index = 0; ; index++) {
    const [type, done] = [reader.int(), reader.bool()]
    reader.int()
    if (done) return { done: true, versions }
    if (type === opcode.create) reader.text()
    if (type === opcode.setData) versions.push(readStat(reader).version)
    if (type !== error) continue
    const code = reader.int()
    // Acts before the failed one have 0, those after it -2 (runtime inconsistency).
    if (code === 0) continue
    return { done: false, index, error: replyError(code, describeAct(acts[index])) }
  }
}

function describeAct(act: Act | undefined): string {
  if (act === undefined) return 'multi'
  if ('create' in act) return `create ${act.create}`
  return 'set' in act ? `set ${act.set}` : `check ${act.check}`
}

/** `Stat`: czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, dataLength, numChildren, pzxid. */
function readStat(reader: JuteReader): { version: number; childrenVersion: number } {
  for (let i = 0; i < 4; i++) reader.long()
  const version = reader.int()
  const childrenVersion = reader.int()
  reader.int()
  reader.long()
  reader.int()
  reader.int()
  reader.long()
  return { version, childrenVersion }
}
