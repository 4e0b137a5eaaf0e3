// Runs for the benchmark of searches, and what is searched: the same for both sides.
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../src/core/clock.ts'
import { seededRandom } from '../src/core/random.ts'
import { openMetadata } from '../src/stores/metadata/metadata.ts'

/** Experiment of the runs, and the milliseconds that the first one begins at. */
export const EXPERIMENT = '1'
const FIRST = 1_700_000_000_000

/** What is searched, as the tracking protocol has it. */
export const searches = [
  { name: 'newest', order_by: [] },
  { name: 'best by a metric', order_by: ['metrics.auc DESC'] },
  { name: 'half by a metric', filter: 'metrics.auc > 0.5', order_by: [] },
  { name: 'few by a metric', filter: 'metrics.auc > 0.999', order_by: [] },
  { name: 'a parameter', filter: "params.depth = '3'", order_by: [] },
  { name: 'one run', filter: "params.seed = '777'", order_by: [] },
  { name: 'both, ordered', filter: "params.model = 'gbdt' AND metrics.auc > 0.5", order_by: ['metrics.loss ASC'] },
  {
    name: 'four metrics',
    filter: 'metrics.auc > 0.6 AND metrics.loss > 0.6 AND metrics.f1 < 0.4 AND metrics.recall < 0.4',
    order_by: [],
  },
  { name: 'a pattern', filter: "tags.team LIKE 't1%'", order_by: ['params.depth ASC', 'metrics.auc DESC'] },
  { name: 'nothing', filter: "params.model = 'none'", order_by: [] },
] as const

/** Filters and orders of the grid: each filter is asked in each order. */
export const filters: readonly string[] = [
  ...new Set(['', ...searches.flatMap((search) => ('filter' in search ? [search.filter] : []))]),
  "params.seed LIKE '%77%'",
  'params.missing IS NULL',
  "status = 'FAILED'",
]
export const orders: readonly (readonly string[])[] = [
  ...[[], ['start_time ASC'], ['end_time DESC'], ['run_name ASC'], ['metrics.auc DESC'], ['metrics.auc ASC']],
  ...[['params.depth ASC', 'metrics.auc DESC'], ['tags.team DESC'], ['metrics.loss ASC'], ['metrics.nothing ASC']],
]

/** Writes so many runs, each with 6 parameters, 6 metrics and 3 tags, into a new database of metadata. */
export async function writeRuns(path: string, count: number): Promise<void> {
  await (await openMetadata(path, { clock: systemClock() })).close()
  const database = new DatabaseSync(path)
  const random = seededRandom(7)
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  database.exec(`INSERT INTO experiments VALUES (${EXPERIMENT}, 'trees', NULL, 'active', 0, 0)`)
  const insert = {
    run: database.prepare(`INSERT INTO experiment_runs (number, id, experiment, name, status, user, started_ms, ended_ms, lifecycle)
      VALUES (?, ?, ${EXPERIMENT}, ?, 'FINISHED', 'ada', ?, ?, 'active')`),
    param: database.prepare('INSERT INTO run_params VALUES (?, ?, ?)'),
    metric: database.prepare('INSERT INTO run_metrics VALUES (?, ?, 0, ?, ?, 0)'),
    latest: database.prepare('INSERT INTO run_latest_metrics VALUES (?, ?, 0, ?, ?, 0)'),
    tag: database.prepare('INSERT INTO run_tags VALUES (?, ?, ?)'),
  }
  const word = () =>
    random
      .integer(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  for (let number = 1; number <= count; number += 1) {
    const started = FIRST + number * 60_000 + random.integer(50_000)
    const name = `run-${number}`
    insert.run.run(number, word() + word() + word() + word(), name, started, started + 5000)
    const params = {
      depth: random.integer(10),
      eta: random.next().toFixed(2),
      model: ['gbdt', 'linear', 'forest'][random.integer(3)]!,
      rounds: random.integer(500),
      sample: random.next().toFixed(1),
      seed: number,
    }
    for (const [key, value] of Object.entries(params)) insert.param.run(number, key, String(value))
    for (const key of ['auc', 'f1', 'loss', 'precision', 'recall', 'rmse']) {
      const value = random.next()
      insert.metric.run(number, key, started, value)
      insert.latest.run(number, key, started, value)
    }
    const tags = { 'mlflow.runName': name, 'mlflow.user': 'ada', team: `t${random.integer(50)}` }
    for (const [key, value] of Object.entries(tags)) insert.tag.run(number, key, value)
  }
  database.exec('COMMIT')
  database.close()
}
