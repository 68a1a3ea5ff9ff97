// js-libp2p in the place of a peer of the NAT laboratory (nat/lab.sh), over TCP:
//   nat.mjs target LISTEN RELAY [...]    listens there and through the relay; prints "addresses ..."
//   nat.mjs dialler LISTEN RELAY WAY...  dials the target; prints "outcome HOW FIRST-MS DIRECT-MS"
//   nat.mjs reach LISTEN SERVER          has AutoNAT (version 1 or 2 by $AUTONAT) find out whether LISTEN is reached,
//                                        and serves it; prints "address ..." and "outcome verified" or "outcome unverified"
import './polyfill.mjs'
import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { autoNAT } from '@libp2p/autonat'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify } from '@libp2p/identify'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'

const ECHO = '/echo/1.0.0'
const LIMIT_MS = 30_000

const [role, listen, relay, ...ways] = process.argv.slice(2)
const node = await createLibp2p({
  addresses: { listen: role === 'target' ? [listen, `${relay}/p2p-circuit`] : [listen] },
  transports: [tcp(), circuitRelayTransport()],
  connectionEncrypters: [tls()],
  streamMuxers: [yamux()],
  services: {
    identify: identify(),
    autonat: process.env.AUTONAT === '1' ? autoNAT() : autoNATv2(),
    ...(role === 'reach' ? {} : { dcutr: dcutr() })
  }
})
await node.handle(ECHO, async (stream) => {
  for await (const bytes of stream) stream.send(bytes)
  await stream.close()
}, { runOnLimitedConnection: true })

const say = (line) => process.stdout.write(line + '\n')
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (what) => {
  for (const start = Date.now(); Date.now() - start < LIMIT_MS; await later(5)) {
    const found = what()
    if (found) return found
  }
}

// It tells of no public address that nobody has reached.
const verified = async () => listen.startsWith('/ip4/11.') && until(() => node.components.addressManager.getAddressesWithMetadata().find((one) => one.verified && one.multiaddr.toString().startsWith(listen)))

const direct = (peer) => node.getConnections(peer).find((one) => one.status === 'open' && !one.remoteAddr.toString().includes('/p2p-circuit'))

const ask = async (connection) => {
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  stream.send(Uint8Array.of(1))
  for await (const bytes of stream) if (bytes.byteLength > 0) break
  await stream.close()
}

const roles = {
  target: async () => {
    const relayed = () => node.getMultiaddrs().map(String).filter((one) => one.includes('/p2p-circuit'))
    await until(() => relayed().length > 0)
    await verified()
    const own = node.getMultiaddrs().map(String).filter((one) => one.startsWith('/ip4/11.'))
    say('addresses ' + [...new Set([...own, ...relayed()])].join(' '))
  },
  dialler: async () => {
    await node.dial(multiaddr(relay))
    await verified()
    const start = Date.now()
    const first = await node.dial(ways.map((way) => multiaddr(way)))
    const peer = first.remotePeer
    await ask(first)
    const firstMs = Date.now() - start
    const atOnce = direct(peer) != null
    const better = await until(() => direct(peer))
    if (better) await ask(better)
    const how = atOnce ? 'direct' : better ? (better.direction === 'outbound' ? 'punched' : 'reversed') : 'relayed'
    say(`outcome ${how} ${firstMs} ${Date.now() - start}`)
  },
  reach: async () => {
    say(`address ${listen}/p2p/${node.peerId}`)
    await node.dial(multiaddr(relay))
    say(`outcome ${await verified() ? 'verified' : 'unverified'}`)
  }
}
await roles[role]()
