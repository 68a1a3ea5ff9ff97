// The openai package against /v1: node openai.mjs http://127.0.0.1:7860 TOKEN
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { base, token, size } from './client.mjs'

const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: token, maxRetries: 0 })

const models = []
for await (const model of client.models.list()) models.push(model.id)
assert.ok(models.length > 0, 'a model is served')
assert.equal((await client.models.retrieve(models[0])).object, 'model')

const answer = await client.images.generate({
  model: models[0], prompt: 'a wave', n: 2, size: '64x64', response_format: 'b64_json', seed: 7, steps: 4
})
assert.equal(answer.data.length, 2)
const first = Buffer.from(answer.data[0].b64_json, 'base64')
const { width, height } = size(first)
assert.ok(width === height && width <= 64 && width > 32, `${width} x ${height}`)

const linked = await client.images.generate({
  model: models[0], prompt: 'a wave', size: '64x64', response_format: 'url', seed: 7, steps: 4
})
const fetched = await fetch(linked.data[0].url)
assert.equal(fetched.headers.get('content-type'), 'image/png')
size(Buffer.from(await fetched.arrayBuffer()))

await assert.rejects(
  client.images.generate({ model: 'dall-e-3', prompt: 'a wave' }),
  (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found' && error.param === 'model')
await assert.rejects(
  client.images.generate({ model: models[0], prompt: 'a wave', n: 1000 }),
  (error) => error instanceof OpenAI.BadRequestError && error.param === 'n' && /from 1 to/.test(error.message))
await assert.rejects(
  new OpenAI({ baseURL: `${base}/v1`, apiKey: 'wrong-token', maxRetries: 0 }).models.list(),
  (error) => error instanceof OpenAI.AuthenticationError)
console.log(JSON.stringify({ models, width }))
