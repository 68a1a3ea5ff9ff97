// The calls that SillyTavern's server makes of AUTOMATIC1111's web UI, in its order and with its
// fields: node sillytavern.mjs http://127.0.0.1:7860 TOKEN
// The token is what a user writes into "Authentication (optional)", as user:token.
import assert from 'node:assert/strict'
import { base, token, size } from './client.mjs'

const Authorization = `Basic ${Buffer.from(`ada:${token}`).toString('base64')}`

const call = async (path, method = 'GET', body = undefined) => {
  const answer = await fetch(new URL(`/sdapi/v1/${path}`, base), {
    method,
    headers: { Authorization, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body && JSON.stringify(body)
  })
  assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`)
  return answer.json()
}
const names = async (path, field = 'name') => (await call(path)).map((row) => row[field])

// "Connect": ping, then what fills the settings' lists.
await call('options')
const current = (await call('options')).sd_model_checkpoint
const samplers = await names('samplers')
const models = await names('sd-models', 'title')
const upscalers = await names('upscalers')
upscalers.splice(1, 0, ...await names('latent-upscale-modes'))
const schedulers = await names('schedulers')
const vaes = await names('sd-vae', 'model_name')
assert.ok(models.includes(current), 'the current model is in the list')
assert.ok(samplers.length > 0 && schedulers.length > 0 && upscalers[0] === 'None')
assert.ok([...samplers, ...schedulers, ...upscalers, ...vaes].every((name) => typeof name === 'string'))

// Another model is picked: SillyTavern waits until nothing is loading.
await call('options', 'POST', { sd_model_checkpoint: models.at(-1) })
assert.equal((await call('options')).sd_model_checkpoint, models.at(-1))
const idle = await call('progress')
assert.equal(idle.progress, 0)
assert.equal(idle.state.job_count, 0)

// "Generate", with the settings a fresh SillyTavern has.
const settings = {
  url: base,
  auth: 'ada:secret',
  prompt: 'best quality, a wave',
  negative_prompt: 'lowres, bad anatomy',
  sampler_name: 'DDIM',
  scheduler: 'normal',
  steps: 5,
  cfg_scale: 7,
  width: 512,
  height: 512,
  restore_faces: false,
  enable_hr: false,
  hr_upscaler: 'Latent',
  hr_scale: 2,
  denoising_strength: 0.7,
  hr_second_pass_steps: 0,
  override_settings: { CLIP_stop_at_last_layers: 1 },
  override_settings_restore_afterwards: true,
  clip_skip: 1,
  save_images: true,
  send_images: true,
  do_not_save_grid: false,
  do_not_save_samples: false
}
const made = await call('txt2img', 'POST', settings)
const picture = size(Buffer.from(made.images[0], 'base64'))
assert.ok(picture.width > 256 && picture.width <= 512, `enlarged to ${picture.width}`)
const info = JSON.parse(made.info)
assert.ok(info.warnings.some((line) => line.includes("'DDIM' is not known")), made.info)

// The user gives up: SillyTavern's server interrupts, and hangs up.
const giveUp = new AbortController()
const running = fetch(new URL('/sdapi/v1/txt2img', base), {
  method: 'POST',
  body: JSON.stringify({ ...settings, steps: 1000, batch_size: 64 }),
  headers: { 'Content-Type': 'application/json', Authorization },
  signal: giveUp.signal
}).catch((error) => error.name)
for (let i = 0; (await call('progress')).state.job_count === 0 && i < 300; i++) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
assert.equal((await call('progress')).state.job_count, 1)
await call('interrupt', 'POST')
giveUp.abort()
await running
for (let i = 0; (await call('progress')).state.job_count > 0 && i < 300; i++) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
assert.equal((await call('progress')).state.job_count, 0)
console.log(JSON.stringify({ models, width: picture.width }))
