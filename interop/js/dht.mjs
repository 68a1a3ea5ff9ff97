// A kad-dht server node of Skerry's DHT, with one test namespace, 'skerrytest'.
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'

const TIMEOUT_MS = 15_000
const bytes = (text) => new TextEncoder().encode(text)
const text = (value) => new TextDecoder().decode(value)
const limit = () => ({ signal: AbortSignal.timeout(TIMEOUT_MS) })

/** In 'skerrytest' a value that begins with "bad" is invalid, and the greater text wins. */
export const dhtService = ({ acceptInvalid }) => kadDHT({
  protocol: '/skerry/kad/1.0.0',
  peerInfoMapper: passthroughMapper,
  clientMode: false,
  allowQueryWithZeroPeers: true,
  validators: {
    skerrytest: async (_, value) => {
      if (!acceptInvalid && text(value).startsWith('bad')) throw new Error('bad record')
    }
  },
  selectors: {
    skerrytest: (_, records) => records.reduce((best, r, i) => text(r) > text(records[best]) ? i : best, 0)
  }
})

export function dhtCommands (node) {
  const dht = node.services.dht
  return {
    async routingTable () {
      return { size: dht.routingTable.size, mode: dht.getMode() }
    },
    async put ({ key, value }) {
      const errors = []
      let stored = 0
      for await (const event of dht.put(bytes(key), bytes(value), limit())) {
        if (event.name === 'QUERY_ERROR') errors.push(event.error.message)
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') stored++
      }
      return { stored, errors }
    },
    async get ({ key }) {
      const values = []
      for await (const event of dht.get(bytes(key), limit())) {
        if (event.name === 'VALUE') values.push({ value: text(event.value), from: event.from.toString() })
      }
      return { values }
    },
    async provide ({ cid }) {
      const errors = []
      for await (const event of dht.provide(CID.parse(cid), limit())) {
        if (event.name === 'QUERY_ERROR') errors.push(event.error.message)
      }
      return { errors }
    },
    async findProviders ({ cid }) {
      const providers = new Map()
      for await (const event of dht.findProviders(CID.parse(cid), limit())) {
        if (event.name !== 'PROVIDER') continue
        for (const p of event.providers) providers.set(p.id.toString(), p.multiaddrs.map(String))
      }
      return { providers: Object.fromEntries(providers) }
    },
    async findPeer ({ peer }) {
      const found = await node.peerRouting.findPeer(peerIdFromString(peer), limit())
      return { peer: found.id.toString(), addresses: found.multiaddrs.map(String) }
    }
  }
}
