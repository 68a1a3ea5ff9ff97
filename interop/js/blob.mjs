// Fetches a blob from one node and proves every chunk before it is written (docs/PROTOCOL.md, section 6):
//   node blob.mjs MULTIADDR BLOB FILE
// The last line out is {"blob", "bytes", "chunks", "sha256", "seconds"}, or {"error", "message"} with exit code 1;
// FILE is there only after the former.
import './polyfill.mjs'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { reader, writer } from 'protons-runtime'

const CHUNK_BYTES = 262_144
const RESPONSE_BYTES = CHUNK_BYTES + 640 + 128
const IN_FLIGHT = 64
const PATIENCE_MS = 60_000 // without an answer, or without a new chunk

const demand = (holds, name, message) => { if (!holds) throw Object.assign(new Error(message), { name }) }

// The messages: field number to name and kind, a kind being a wire type or another message.
const VARINT = 0
const BYTES = 2
const HAVE = { 1: ['all', VARINT], 2: ['bitmap', BYTES] }
const HEAD = { 1: ['sizeBytes', VARINT], 2: ['root', BYTES], 3: ['have', HAVE] }
const CHUNK = { 1: ['index', VARINT], 2: ['proof', BYTES], 3: ['data', BYTES] }
const REFUSAL = { 1: ['reason', VARINT], 2: ['index', VARINT] }
const RESPONSE = { 1: ['head', HEAD], 2: ['chunk', CHUNK], 3: ['have', HAVE], 4: ['refusal', REFUSAL] }
const REASONS = ['UNSPECIFIED', 'NOT_FOUND', 'BUSY', 'GONE', 'BAD_REQUEST']

function decode (bytes, fields) {
  const message = {}
  for (const [name, kind] of Object.values(fields)) { // what is absent has proto3's default
    if (kind === VARINT) message[name] = 0
    if (kind === BYTES) message[name] = new Uint8Array(0)
  }
  for (const from = reader(bytes); from.pos < from.len;) {
    const tag = from.uint32()
    const [name, kind] = fields[tag >>> 3] ?? []
    demand(!name || (tag & 7) === (kind === VARINT ? VARINT : BYTES), 'MALFORMED_MESSAGE', `${name} of type ${tag & 7}`)
    if (name === undefined) from.skipType(tag & 7)
    else message[name] = kind === VARINT ? from.uint64Number() : kind === BYTES ? from.bytes() : decode(from.bytes(), kind)
  }
  return message
}
const request = (kind, body) => body(writer().uint32(kind << 3 | BYTES).fork()).ldelim().finish()
const OPEN = (cid) => request(1, (to) => to.uint32(1 << 3 | BYTES).bytes(cid.bytes))
const WANT = (first, count) => request(2, (to) => to.uint32(1 << 3).uint32(first).uint32(2 << 3).uint32(count))
const REFRESH = request(3, (to) => to)
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const same = (a, b) => Buffer.compare(a, b) === 0

function checkHead ({ sizeBytes, root }, cid) {
  demand(sizeBytes <= 2 ** 38 && root.length === 32, 'WRONG_HEAD', `${sizeBytes} bytes, a root of ${root.length}`)
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(sizeBytes))
  demand(same(sha256(Buffer.of(2), size, root), cid.multihash.digest), 'WRONG_HEAD', `the head is not that of ${cid}`)
}

/** The root that a chunk and its proof lead to: up the tree, where a last node without a right sibling just rises. */
function rootOf (data, proof, index, count) {
  let hash = sha256(Buffer.of(0), data)
  let at = 0
  for (let node = index, last = count - 1; last > 0; node >>>= 1, last >>>= 1) {
    if (node === last && node % 2 === 0) continue
    const sibling = proof.subarray(at, at += 32)
    hash = node % 2 === 1 ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling)
  }
  demand(at === proof.length, 'BAD_PROOF', `the proof of chunk ${index} has ${proof.length} bytes, not ${at}`)
  return hash
}

async function fetchBlob (stream, cid, out) {
  const messages = lpStream(stream, { maxDataLength: RESPONSE_BYTES, maxBufferSize: 2 * IN_FLIGHT * RESPONSE_BYTES })
  const receive = async (kind) => {
    const message = decode((await messages.read({ signal: AbortSignal.timeout(PATIENCE_MS) })).subarray(), RESPONSE)
    demand(message.refusal === undefined, REASONS[message.refusal?.reason], `the node refuses to send a ${kind} of ${cid}`)
    demand(message[kind] !== undefined, 'MALFORMED_MESSAGE', `${Object.keys(message)} came where a ${kind} was due`)
    return message[kind]
  }
  await messages.write(OPEN(cid))
  const head = await receive('head')
  checkHead(head, cid)
  const count = Math.ceil(head.sizeBytes / CHUNK_BYTES)
  const asked = [] // in the order in which they will be answered
  let todo = Array.from({ length: count }, (_, index) => index) // not asked for yet
  let has
  const learn = ({ all, bitmap }) => {
    demand(bitmap.length === (all ? 0 : Math.ceil(count / 8)), 'MALFORMED_MESSAGE', `a bitmap of ${bitmap.length} bytes`)
    has = (index) => all || (bitmap[index >> 3] >> (index & 7) & 1) === 1
  }
  learn(head.have ?? decode(Buffer.of(), HAVE))
  let deadline = Date.now() + PATIENCE_MS
  while (todo.length > 0 || asked.length > 0) {
    if (asked.length <= IN_FLIGHT / 2) {
      const ready = todo.filter(has).slice(0, IN_FLIGHT - asked.length)
      for (let i = 0, length; i < ready.length; i += length) {
        for (length = 1; ready[i + length] === ready[i] + length;) length++
        await messages.write(WANT(ready[i], length))
      }
      asked.push(...ready)
      todo = todo.filter(index => !ready.includes(index))
    }
    if (asked.length === 0) {
      demand(Date.now() < deadline, 'INCOMPLETE', `the node has none of the ${todo.length} missing chunks of ${cid}`)
      await delay(1000)
      await messages.write(REFRESH)
      learn(await receive('have'))
      continue
    }
    const next = asked.shift()
    const { index, data, proof } = await receive('chunk')
    demand(index === next, 'UNREQUESTED_CHUNK', `chunk ${index} came where chunk ${next} was due`)
    const length = Math.min(CHUNK_BYTES, head.sizeBytes - index * CHUNK_BYTES)
    demand(data.length === length, 'BAD_CHUNK', `chunk ${index} has ${data.length} bytes, not ${length}`)
    demand(same(rootOf(data, proof, index, count), head.root), 'BAD_CHUNK', `chunk ${index} does not lead to the root`)
    await out.write(data, 0, length, index * CHUNK_BYTES)
    deadline = Date.now() + PATIENCE_MS
  }
  await stream.close()
  return { bytes: head.sizeBytes, chunks: count }
}

const [address, blob, file] = process.argv.slice(2)
const part = `${file}.part`
let node
try {
  const started = performance.now()
  const cid = CID.parse(blob)
  demand(cid.version === 1 && cid.code === 0x300b && cid.multihash.code === 0x12, 'BAD_ID', `${blob} is no blob id`)
  node = await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] })
  const connection = await node.dial(multiaddr(address))
  const out = await open(part, 'w')
  const fetched = await fetchBlob(await connection.newStream('/skerry/blob/1.0.0'), cid, out).finally(() => out.close())
  await rename(part, file)
  const seconds = (performance.now() - started) / 1000
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(file)) hash.update(bytes)
  console.log(JSON.stringify({ blob, ...fetched, sha256: hash.digest('hex'), seconds }))
} catch (error) {
  await rm(part, { force: true })
  console.log(JSON.stringify({ error: error.name, message: error.message }))
  process.exitCode = 1
}
await node?.stop()
