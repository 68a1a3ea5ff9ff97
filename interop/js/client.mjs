// What the image clients share: where the server is (the only arguments), and looking at a PNG.
import assert from 'node:assert/strict'

export const [base, token] = process.argv.slice(2)

/** The sides of a PNG, from its header. */
export const size = (png) => {
  assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'a PNG')
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) }
}
