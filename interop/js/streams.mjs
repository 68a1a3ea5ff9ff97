// Connections and plain streams: what this peer serves, and the same things asked of another.
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'

const ECHO = '/skerry/test/echo/1.0.0' // every byte back
const DIGEST = '/skerry/test/digest/1.0.0' // reads to the end, then answers with the SHA-256
const RESET = '/skerry/test/reset/1.0.0' // resets at the first byte
const HOLD = '/skerry/test/hold/1.0.0' // the first byte back, then only reads; 'held' tells how it ended
const SINK = '/skerry/test/sink/1.0.0' // reads to the end, then answers with a byte
// Also over connections through a relay, which limits them.
const MANY = { maxInboundStreams: 2048, maxOutboundStreams: 2048, runOnLimitedConnection: true }
const CHUNK_BYTES = 64 * 1024

const held = []

const send = async (stream, bytes) => {
  if (!stream.send(bytes)) await stream.onDrain()
}

/**
 * What arrives until the other side closes its writing half. A stream's own iterator waits for that
 * event and so never ends when it came before the iterator did, as it does with a short request;
 * and what was read ahead while the protocol was negotiated is put back even after 'end'.
 */
async function * bytesOf (stream) {
  const parts = []
  let failure
  let wake = () => {}
  const on = (event, note) => stream.addEventListener(event, (detail) => { note(detail); wake() })
  on('message', ({ data }) => parts.push(data))
  on('end', () => {})
  on('close', ({ error }) => { failure = error })
  while (true) {
    while (parts.length > 0) yield parts.shift()
    if (failure !== undefined) throw failure
    if (stream.readBufferLength === 0 && (stream.readableEnded || stream.status !== 'open')) return
    await new Promise(resolve => { wake = resolve })
  }
}

/** Bytes that differ from chunk to chunk, and no period that a window could hide. */
const chunk = (index) => {
  const bytes = new Uint8Array(CHUNK_BYTES)
  for (let i = 0, x = index * 2654435761 + 1; i < bytes.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}

export async function serveStreams (node) {
  await node.handle(ECHO, async (stream) => {
    for await (const bytes of bytesOf(stream)) await send(stream, bytes)
    await stream.close()
  }, MANY)
  await node.handle(DIGEST, async (stream) => {
    const hash = createHash('sha256')
    for await (const bytes of bytesOf(stream)) hash.update(bytes.subarray())
    await send(stream, hash.digest())
    await stream.close()
  }, MANY)
  await node.handle(SINK, async (stream) => {
    for await (const _ of bytesOf(stream)) ; // nothing is done with it
    await send(stream, new Uint8Array(1))
    await stream.close()
  }, MANY)
  await node.handle(RESET, async (stream) => {
    for await (const _ of bytesOf(stream)) stream.abort(new Error('reset on purpose'))
  }, MANY)
  await node.handle(HOLD, async (stream) => {
    stream.addEventListener('close', (event) => held.push(event.error?.name ?? 'closed'))
    try {
      let first = true
      for await (const bytes of bytesOf(stream)) {
        if (first) await send(stream, bytes)
        first = false
      }
      await stream.close()
    } catch {
      // 'held' has its name
    }
  }, MANY)
}

export function streamCommands (node) {
  const connection = (peer) => {
    const open = node.getConnections().find(c => c.remotePeer.toString() === peer)
    if (open === undefined) throw new Error(`no connection to ${peer}`)
    return open
  }
  const open = (peer, protocol) => connection(peer).newStream(protocol, MANY)

  const echo = async ({ peer, chunks }) => {
    const stream = await open(peer, ECHO)
    const sent = createHash('sha256')
    const received = createHash('sha256')
    let bytes = 0
    const started = performance.now()
    const reading = (async () => {
      for await (const part of bytesOf(stream)) {
        received.update(part.subarray())
        bytes += part.byteLength
      }
    })()
    for (let i = 0; i < chunks; i++) {
      const next = chunk(i)
      sent.update(next)
      await send(stream, next)
    }
    await stream.close()
    await reading
    const seconds = (performance.now() - started) / 1000
    return { sent: sent.digest('hex'), received: received.digest('hex'), bytes, seconds }
  }

  return {
    echo,
    async dial ({ address }) {
      const open = await node.dial(multiaddr(address))
      return { peer: open.remotePeer.toString(), encryption: open.encryption, multiplexer: open.multiplexer }
    },
    async handshakes ({ address, count }) {
      for (let i = 0; i < count; i++) {
        const open = await node.dial(multiaddr(address))
        await node.services.ping.ping(open.remotePeer)
        await open.close()
      }
    },
    async hangUp ({ peer }) {
      await connection(peer).close()
    },
    async connections () {
      return { peers: node.getConnections().map(c => c.remotePeer.toString()) }
    },
    async identified ({ peer }) {
      const { remotePeer } = connection(peer)
      for (let i = 0; i < 100; i++) {
        const known = await node.peerStore.get(remotePeer)
        const agent = known.metadata.get('AgentVersion')
        if (agent !== undefined) {
          return {
            agent: new TextDecoder().decode(agent),
            protocols: known.protocols,
            addresses: known.addresses.map(a => a.multiaddr.toString()),
            certified: known.addresses.filter(a => a.isCertified).map(a => a.multiaddr.toString())
          }
        }
        await delay(100)
      }
      throw new Error(`${peer} was not identified within 10 s`)
    },
    async ping ({ peer }) {
      return { ms: await node.services.ping.ping(connection(peer).remotePeer) }
    },
    async many ({ peer, streams, chunks }) {
      const results = await Promise.all(Array.from({ length: streams }, () => echo({ peer, chunks })))
      return { good: results.filter(r => r.sent === r.received).length }
    },
    async bulk ({ peer, bytes, streams }) {
      const piece = chunk(0)
      await Promise.all(Array.from({ length: streams }, async () => {
        const stream = await open(peer, SINK)
        for (let left = bytes / streams; left > 0; left -= CHUNK_BYTES) await send(stream, piece)
        await stream.close()
        for await (const _ of bytesOf(stream)) ; // the answer
      }))
    },
    async digest ({ peer, chunks }) {
      const stream = await open(peer, DIGEST)
      const sent = createHash('sha256')
      for (let i = 0; i < chunks; i++) {
        sent.update(chunk(i))
        await send(stream, chunk(i))
      }
      await stream.close()
      const answer = []
      for await (const part of bytesOf(stream)) answer.push(Buffer.from(part.subarray()))
      return { sent: sent.digest('hex'), answer: Buffer.concat(answer).toString('hex') }
    },
    async resetByRemote ({ peer }) {
      const stream = await open(peer, RESET)
      const closed = new Promise(resolve => stream.addEventListener('close', resolve, { once: true }))
      await send(stream, new Uint8Array(1))
      return { closedBy: (await closed).error?.name ?? 'close' }
    },
    async resetByUs ({ peer }) {
      const stream = await open(peer, HOLD)
      await send(stream, new Uint8Array(1))
      for await (const _ of bytesOf(stream)) break // or the reset overtakes the byte
      stream.abort(new Error('reset on purpose'))
    },
    async unsupported ({ peer }) {
      await open(peer, '/skerry/test/nobody/1.0.0')
    },
    async held () {
      return { endings: held }
    }
  }
}
