// Reads what `bench/run dht-sim` printed and says of each promise whether the run kept it.
import { readFileSync } from 'node:fs'

const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n')
const figures = JSON.parse(lines.at(-1))
const checks = [
  ['every value is found at rest', figures.lookup_success.found === 1],
  ['values are found while nodes come and go', figures.lookup_success_churn.found >= 0.995],
  ['values are found after 30 % died', figures.lookup_success_after_30.found >= 0.995],
  ['values are found after 50 % died', figures.lookup_success_after_50.found >= 0.985],
  ['attackers hold the 20 places nearest to a key', figures.eclipse_nearest_attackers_among_20_closest > 19],
  ['its newest manifest is found all the same', figures.eclipse_found.found >= 0.99],
  ['nothing forged or rolled back is accepted', figures.forged_accepted === 0],
  ['no network is in parts after it started', figures.starts_split === 0],
  ['every unit has exactly its claims', figures.claims_exact === 1],
]
for (const [what, kept] of checks) {
  console.log(`${kept ? 'ok  ' : 'FAIL'} ${what}`)
}
const failed = checks.filter(([, kept]) => !kept).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
