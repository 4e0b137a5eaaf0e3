// A side of the lineage benchmark: lineage-child.ts build|ours|duckdb FOLDER.
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../src/core/clock.ts'
import { seededRandom } from '../src/core/random.ts'
import { walkLineage } from '../src/models/registry/lineage/walk-lineage.ts'
import { openDuckdb } from '../src/stores/lake/duckdb.ts'
import { openMetadata } from '../src/stores/metadata/metadata.ts'
import { ownUsage } from './child.ts'
import { EDGES, edgesSql, fileOf, fillLineage, TRAININGS, versionOf } from './lineage-graph.ts'

const QUESTIONS = 200
/** The most that an answer shows unless it is asked for more. */
const MOST = 1000

/** Milliseconds of each question, sorted. */
async function ask(question: (training: number) => Promise<number>): Promise<number[]> {
  const random = seededRandom(7)
  const took: number[] = []
  for (let asked = 0; asked < QUESTIONS; asked += 1) {
    const training = Math.floor(random.next() * TRAININGS)
    const started = performance.now()
    const found = await question(training)
    took.push(performance.now() - started)
    if (found < 10) throw new Error(`training ${training} led to ${found} things`)
  }
  return took.sort((a, b) => a - b)
}

const [side, folder = ''] = process.argv.slice(2)
const path = join(folder, 'meta.db')
if (side === 'build') {
  await (await openMetadata(path, { clock: virtualClock(0) })).close()
  fillLineage(path)
  process.stdout.write(`${JSON.stringify({ edges: EDGES })}\n`)
} else if (side === 'ours') {
  const metadata = await openMetadata(path, { clock: virtualClock(0) })
  const walk = async (number: number, direction: 'up' | 'down'): Promise<number> =>
    (await walkLineage(metadata.database, [number], direction, MOST)).nodes.size
  const up = await ask((training) => walk(versionOf(training), 'up'))
  const down = await ask((training) => walk(fileOf(training * 90 + 5000), 'down'))
  await metadata.close()
  process.stdout.write(`${JSON.stringify({ up, down, ...ownUsage() })}\n`)
} else {
  const duckdb = await openDuckdb({ memory: '2GB', temporaryFolder: folder })
  const up = await duckdb.withConnection(async (connection) => {
    await connection.run(`CREATE TABLE edges AS ${edgesSql}`)
    await connection.run('CREATE INDEX by_target ON edges (target)')
    return await ask(async (training) => {
      const result = await connection.runAndReadAll(`
        WITH RECURSIVE walk(number) AS (
          SELECT ${versionOf(training)} UNION SELECT source FROM walk JOIN edges ON target = walk.number
        ) SELECT number FROM walk LIMIT ${MOST}`)
      return result.currentRowCount
    })
  })
  duckdb.close()
  process.stdout.write(`${JSON.stringify({ up, down: [], ...ownUsage() })}\n`)
}
