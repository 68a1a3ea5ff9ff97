// Checks what a demo left behind: node check-demo.mjs FOLDER
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const result = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'))
const control = Math.min(result.frechet_untrained, result.frechet_gaussian)
const checks = {
  'the ensemble is far better than the better control': result.frechet_ensemble <= 0.5 * control,
  'another volunteer took over from the last accepted manifest':
    result.takeover_parent !== '' && result.takeover_parent === result.victim_last_accepted,
  'the liar was refused by name': result.liar_refused === true,
  'there is a picture': statSync(join(folder, 'grid.png')).size > 10_000,
  'there is a report': readFileSync(join(folder, 'report.html'), 'utf8').includes('</html>')
}
let failed = 0
for (const [what, holds] of Object.entries(checks)) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (!holds) failed++
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
