// Our side of the scoring benchmark: score-child.ts FOLDER, with what the reference has prepared there. Prints the time for
// one row and the rows a second for all of them, by processor time, and whether all margins are the reference's to the bit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createForestScorer } from '../src/models/inference/forest-scorer.ts'
import { readModelFile } from '../src/models/inference/formats/read-model-file.ts'
import type { Scorer } from '../src/models/inference/scorer.ts'
import { ownUsage } from './child.ts'
import { INPUTS, type ScoreSide } from './score.ts'

const SINGLE_ROWS = 20_000

function floats(name: string): Float32Array {
  const bytes = readFileSync(join(folder, name))
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}

/** A scorer of the margins of a model that a library wrote. */
function marginsOf(name: string): Scorer {
  const { model } = readModelFile(readFileSync(join(folder, name)))
  if (model.kind !== 'forest') throw new Error(`${name} is no forest`)
  return createForestScorer({ ...model.forest, transform: { kind: 'identity' } })
}

/** Whether LightGBM's margins of the first rows are ours, too. */
function equalsLightgbm(): boolean {
  const bytes = readFileSync(join(folder, 'lightgbm.f64'))
  const theirs = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return marginsOf('model.txt')
    .scoreRows(values, theirs.length)
    .every((margin, row) => margin === theirs[row])
}

/** Processor seconds of some work, done twice: the first time is not counted. */
function processorSeconds(work: () => void): number {
  work()
  const before = ownUsage().cpu
  work()
  return (ownUsage().cpu - before) / 1e6
}

const folder = process.argv[2]!
const margins = floats('margins.f32')
const rows = margins.length
const values = Float64Array.from(floats('rows.f32'))
const columns = Array.from({ length: INPUTS }, (_, input) =>
  Float32Array.from({ length: rows }, (_, row) => values[row * INPUTS + input]!),
)
const scorer = marginsOf('model.json')
const single = new Float64Array(SINGLE_ROWS)
let together: Float64Array = new Float64Array(0)
let fromColumns: Float64Array = new Float64Array(0)
const one = processorSeconds(() => {
  for (let row = 0; row < SINGLE_ROWS; row += 1) single[row] = scorer.scoreRow(values, row * INPUTS)
})
const all = processorSeconds(() => {
  together = scorer.scoreRows(values, rows)
})
const byColumn = processorSeconds(() => {
  fromColumns = scorer.scoreColumns(columns, rows)
})
const side: ScoreSide = {
  one_us: (one / SINGLE_ROWS) * 1e6,
  rows_s: rows / all,
  columns_rows_s: rows / byColumn,
  equal: [single, together, fromColumns].every((scores) => scores.every((score, row) => score === margins[row])),
  lightgbm_equal: equalsLightgbm(),
  peak_rss_mb: ownUsage().peak_rss_mb,
}
process.stdout.write(`${JSON.stringify(side)}\n`)
