import process from 'node:process'
import { parseArgs } from 'node:util'
import type { LawReport } from './law.ts'
import { laws } from './registry.ts'

// Tries the laws:  npm run laws -- --cases N [--seed S] [--law L2] [--json]
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    law: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  },
})
const cases = Number(options.cases)
const seed = Number(options.seed)
const names = options.law ?? Object.keys(laws)
const unknown = names.filter((name) => laws[name] === undefined)
if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(seed) || cases < 1 || unknown.length > 0) {
  console.error(`Usage: laws [--cases N] [--seed S] [--law ${Object.keys(laws).join('|')}] [--json]`)
  process.exit(1)
}

const reports: Record<string, LawReport> = {}
for (const name of names) {
  const report = await (laws[name] as (typeof laws)[string]).run({ cases, seed })
  reports[name] = report
  const rate = `${report.cases} cases, ${report.mismatches} mismatches, ${report.non_empty_share} of the answers not empty`
  if (!options.json) console.log(`${name}  ${rate}`)
  if (report.failure === undefined) continue
  console.error(`${name} fails: ${report.failure.difference}`)
  console.error(`again with: npm run laws -- --law ${name} --seed ${report.failure.seed} --cases 1`)
  if (!options.json) console.error(JSON.stringify(report.failure.case, undefined, 1))
}
const total = (count: (report: LawReport) => number) =>
  Object.values(reports).reduce((sum, report) => sum + count(report), 0)
const mismatches = total((report) => report.mismatches)
if (options.json)
  console.log(JSON.stringify({ seed, cases: total((report) => report.cases), mismatches, laws: reports }))
process.exitCode = mismatches === 0 ? 0 : 1
