// Our side of the benchmark of searches: experiments-child.ts write FILE RUNS | search FILE ROUNDS RESULTS. Prints milliseconds.
import process from 'node:process'
import { systemClock } from '../src/core/clock.ts'
import { searchRuns } from '../src/models/experiments/search/search-runs.ts'
import { openMetadata } from '../src/stores/metadata/metadata.ts'
import { ownUsage } from './child.ts'
import { EXPERIMENT, searches, writeRuns } from './experiments-runs.ts'

async function search(path: string, rounds: number, maxResults: number): Promise<object> {
  const metadata = await openMetadata(path, { clock: systemClock() })
  const found = []
  for (const { name, order_by, ...rest } of searches) {
    const milliseconds: number[] = []
    const asked = { experiments: [EXPERIMENT], orderBy: order_by, maxResults, ...rest }
    let runs: readonly string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      const { items } = await searchRuns(metadata, asked)
      milliseconds.push(performance.now() - began)
      runs = items.map(({ name }) => name)
    }
    found.push({ name, milliseconds, runs })
  }
  const pages = []
  let token: string | undefined
  do {
    const began = performance.now()
    const page = await searchRuns(metadata, { experiments: [EXPERIMENT], maxResults, pageToken: token })
    pages.push(performance.now() - began)
    token = page.next ?? undefined
  } while (token !== undefined)
  await metadata.close()
  return { found, pages }
}

const [task, path, count, maxResults] = process.argv.slice(2) as [string, string, string, string]
if (task === 'write') await writeRuns(path, Number(count))
const answer = task === 'search' ? await search(path, Number(count), Number(maxResults)) : {}
process.stdout.write(`${JSON.stringify({ ...answer, peak_rss_mb: ownUsage().peak_rss_mb })}\n`)
