// One size of the offline-scale benchmark: offline-scale-child.ts FOLDER NAME QUESTIONS. Prints its seconds and peak memory.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { materializeFeatures } from '../src/data/features/materialize.ts'
import { count, entity, features, mean, stream, t } from '../src/index.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { ownUsage } from './child.ts'

const payments = stream('payments', {
  key: 'card',
  time: 'at',
  schema: { card: t.int(), cents: t.int(), at: t.timestamp() },
})
const card = entity('card', { card: t.int() })
const windows = ['1h', '2h', '3h', '6h', '12h', '1d', '2d', '3d', '4d', '5d'] as const
const longWindows = ['7d', '10d', '14d', '21d', '28d', '30d', '45d', '60d', '75d', '90d'] as const
const spending = features('spending', {
  entity: card,
  from: payments,
  select: Object.fromEntries([
    ...windows.map((window) => [`count_${window}`, count().over(window)] as const),
    ...longWindows.map((window) => [`mean_${window}`, mean('cents').over(window)] as const),
  ]),
})

const [folder = '', name = '', questions = ''] = process.argv.slice(2)
const rows = Number(questions)
const output = join(folder, `${name}-answers`)
const start = performance.now()
const duckdb = await openDuckdb({ temporaryFolder: join(folder, `${name}-temporary`), memory: '2GB' })
await materializeFeatures(
  duckdb,
  {
    definition: spending,
    stream: payments,
    entity: card,
    dictionary: createDictionary(),
    events: `read_parquet(${sqlText(join(folder, `${name}-events.parquet`))})`,
    visibleAt: 'event._known_at',
    spine: `read_parquet(${sqlText(join(folder, `${name}-questions.parquet`))})`,
    time: '_t',
    cut: '_t',
    rowColumns: ['card'],
    rows,
  },
  output,
  (done, of) => process.stderr.write(`\r${name}: ${done.toLocaleString('en')} of ${of.toLocaleString('en')} rows`),
)
duckdb.close()
const seconds = (performance.now() - start) / 1000
rmSync(output, { recursive: true })
process.stderr.write('\n')
console.log(JSON.stringify({ seconds, peak_rss_mb: ownUsage().peak_rss_mb }))
