// Our side of the training benchmark: train-child.ts TABLES_JSON THREADS TREES [compiled|plain]. Prints what it took, and how good the
// forest is on the held-out rows.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import process from 'node:process'
import { digestOf } from '../src/core/digest.ts'
import { gbdtParameters } from '../src/language/define/gbdt.ts'
import { encodeForest } from '../src/models/inference/forest-codec.ts'
import { createForestScorer } from '../src/models/inference/forest-scorer.ts'
import { trainGbdt } from '../src/models/training/gbdt/train-gbdt.ts'
import type { GbdtData } from '../src/models/training/gbdt/training-data.ts'
import { auc } from '../src/stats/metrics/auc.ts'
import { ownUsage } from './child.ts'
import type { TableFiles } from './flights-features.ts'
import type { TrainSide } from './train.ts'

/** The references' settings, which are our defaults but for the number of trees. */
const parameters = {
  trees: Number(process.argv[4]),
  depth: 6,
  learningRate: 0.15,
  minChildWeight: gbdtParameters.minChildWeight.default,
  lambda: gbdtParameters.lambda.default,
  maxBins: gbdtParameters.maxBins.default,
  subsample: 1,
  columnsample: 1,
  earlyStopping: 0,
  seed: 7,
}

function load({ rows, columns, categorical, features, labels }: TableFiles): GbdtData {
  return {
    rows,
    featureNames: columns,
    columns: columns.map((_, column) => floats(features, column * rows, rows)),
    labels: floats(labels, 0, rows),
    ...(categorical === undefined ? {} : { categorical: categorical.map((name) => columns.indexOf(name)) }),
  }
}

/** Some of the numbers of a file, in memory of their own. */
function floats(path: string, from: number, count: number): Float32Array {
  const values = new Float32Array(count)
  const file = openSync(path, 'r')
  readSync(file, values, 0, values.byteLength, 4 * from)
  closeSync(file)
  return values
}

const [, , path = '', threads = '', , kernel = 'compiled'] = process.argv
const tables = JSON.parse(readFileSync(path, 'utf8')) as { train: TableFiles; test: TableFiles }
const train = load(tables.train)
const test = load(tables.test)
const input_rss_mb = Math.round(process.memoryUsage.rss() / 2 ** 20)
const before = ownUsage()
const start = performance.now()
const { forest } = await trainGbdt(train, undefined, parameters, {
  ...{ objective: 'binary', threads: Number(threads) },
  kernel: kernel === 'plain' ? 'plain' : 'compiled',
  // As a pipeline has it; the references may let go of theirs as well.
  ownsColumns: true,
})
const seconds = (performance.now() - start) / 1000
const after = ownUsage()
const scores = createForestScorer(forest).scoreColumns(test.columns, test.rows)
const side: TrainSide = {
  seconds,
  cpu_seconds: (after.cpu - before.cpu) / 1e6,
  auc: auc(test.labels, scores) ?? Number.NaN,
  peak_rss_mb: after.peak_rss_mb,
  above_input_mb: after.peak_rss_mb - input_rss_mb,
  digest: digestOf(encodeForest(forest)),
}
console.log(JSON.stringify(side))
