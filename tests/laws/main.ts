import { availableParallelism } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { laws } from './registry.ts'
import { tryLaws } from './try-laws.ts'

// Tries the laws:  npm run laws -- --cases N [--seed S] [--law L2] [--threads N] [--json]
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    law: { type: 'string', multiple: true },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
})
const [cases, seed, threads] = [Number(options.cases), Number(options.seed), Number(options.threads)]
const names = options.law ?? Object.keys(laws)
const isUnknown = names.some((name) => laws[name] === undefined)
if (![cases, seed, threads].every(Number.isSafeInteger) || cases < 1 || threads < 1 || isUnknown) {
  const known = Object.keys(laws).join('|')
  console.error(`Usage: laws [--cases N] [--seed S] [--law ${known}] [--threads N] [--json]`)
  process.exit(1)
}

const reports = await tryLaws(names, { cases, seed, threads })
for (const [name, report] of reports) {
  const rate = `${report.cases} cases, ${report.mismatches} mismatches, ${report.non_empty_share} of the answers not empty`
  if (!options.json) console.log(`${name}  ${rate}`)
  if (report.failure === undefined) continue
  console.error(`${name} fails: ${report.failure.difference}`)
  console.error(`again with: npm run laws -- --law ${name} --seed ${report.failure.seed} --cases 1`)
  if (!options.json) console.error(JSON.stringify(report.failure.case, undefined, 1))
}
const mismatches = reports.reduce((sum, [, report]) => sum + report.mismatches, 0)
if (options.json) {
  const tried = reports.reduce((sum, [, report]) => sum + report.cases, 0)
  console.log(JSON.stringify({ seed, cases: tried, mismatches, laws: Object.fromEntries(reports) }))
}
process.exitCode = mismatches === 0 ? 0 : 1
