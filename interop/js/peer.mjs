// A js-libp2p peer driven from outside: one JSON object a line on stdin is a command
//   {"id": 1, "command": "dial", ...}
// and is answered by one line on stdout: {"id": 1, "result": {...}} or {"id": 1, "error": "..."}.
// The first line out is {"ready": {"peer": ..., "addresses": [...]}}. The end of stdin ends the peer.
// The only argument, optional, is a JSON object: {"dht": true, "acceptInvalid": true, "wire": "tls",
// "relay": true (it relays), "behind": "/…/p2p/RELAY" (it listens through that relay alone),
// "swarmKey": "the text of a private network's key file", "mdnsPort": 5353}.
import './polyfill.mjs'
import os from 'node:os'
import readline from 'node:readline'
import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { quic } from '@chainsafe/libp2p-quic'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { streamCommands, serveStreams } from './streams.mjs'
import { dhtCommands, dhtService } from './dht.mjs'

const options = JSON.parse(process.argv[2] ?? '{}')
const listen = options.behind
  ? `${options.behind}/p2p-circuit`
  : options.wire === 'quic' ? '/ip4/127.0.0.1/udp/0/quic-v1' : '/ip4/127.0.0.1/tcp/0'
if (options.mdnsPort) {
  // Where there is no other link, multicast goes to the loopback link.
  const links = os.networkInterfaces
  os.networkInterfaces = () => ({ lo: links().lo })
}
const discovered = {}
const node = await createLibp2p({
  addresses: { listen: [listen] },
  transports: [options.wire === 'quic' ? quic() : tcp(), circuitRelayTransport()],
  connectionEncrypters: [options.wire === 'tls' ? tls() : noise()],
  streamMuxers: [yamux({ maxInboundStreams: 2048, maxOutboundStreams: 2048 })],
  ...(options.swarmKey ? { connectionProtector: preSharedKey({ psk: Buffer.from(options.swarmKey), timeout: 60_000 }) } : {}),
  peerDiscovery: options.mdnsPort ? [mdns({ port: options.mdnsPort, interval: 1000 })] : [],
  nodeInfo: { userAgent: 'skerry-interop-js/1' },
  // A loaded machine is no reason to give up a negotiation or a connection, nor is one peer that often comes anew.
  connectionManager: { inboundConnectionThreshold: Infinity, inboundStreamProtocolNegotiationTimeout: 60_000, outboundStreamProtocolNegotiationTimeout: 60_000 },
  connectionMonitor: { abortConnectionOnPingFailure: false },
  connectionGater: { denyDialMultiaddr: () => false },
  services: {
    identify: identify({ timeout: 60_000 }),
    identifyPush: identifyPush(),
    ping: ping(),
    ...(options.dht ? { dht: dhtService(options) } : {}),
    ...(options.relay ? { relay: circuitRelayServer({ reservations: { applyDefaultLimit: false } }) } : {})
  }
})
node.addEventListener('peer:discovery', ({ detail }) => { discovered[detail.id] = detail.multiaddrs.map(String) })
await serveStreams(node)
const commands = { ...streamCommands(node), ...(options.dht ? dhtCommands(node) : {}), discovered: async () => discovered }

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const run = async ({ id, command, ...args }) => {
  try {
    if (!Object.hasOwn(commands, command)) throw new Error(`unknown command '${command}'`)
    say({ id, result: await commands[command](args) ?? {} })
  } catch (error) {
    say({ id, error: `${error.name}: ${error.message}` })
  }
}

say({ ready: { peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) } })
for await (const line of readline.createInterface({ input: process.stdin })) run(JSON.parse(line))
process.exit(0)
