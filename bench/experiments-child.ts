// Our side of the benchmark of searches: experiments-child.ts write FILE RUNS | search FILE ROUNDS RESULTS | grid FILE RESULTS.
// Prints milliseconds, and those of the processor.
import process from 'node:process'
import { systemClock } from '../src/core/clock.ts'
import { searchRuns } from '../src/models/experiments/search/search-runs.ts'
import { openMetadata } from '../src/stores/metadata/metadata.ts'
import { ownUsage } from './child.ts'
import { EXPERIMENT, filters, orders, searches, writeRuns } from './experiments-runs.ts'

async function search(path: string, rounds: number, maxResults: number): Promise<object> {
  const metadata = await openMetadata(path, { clock: systemClock() })
  const found = []
  for (const { name, order_by, ...rest } of searches) {
    const milliseconds: number[] = []
    const processor: number[] = []
    const asked = { experiments: [EXPERIMENT], orderBy: order_by, maxResults, ...rest }
    let runs: readonly string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const [began, used] = [performance.now(), process.cpuUsage()]
      const { items } = await searchRuns(metadata, asked)
      milliseconds.push(performance.now() - began)
      processor.push(processorSince(used))
      runs = items.map(({ name }) => name)
    }
    found.push({ name, milliseconds, processor, runs })
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

/** Every filter in every order, once each after one search that is not counted. */
async function searchGrid(path: string, maxResults: number): Promise<object> {
  const metadata = await openMetadata(path, { clock: systemClock() })
  await searchRuns(metadata, { experiments: [EXPERIMENT], maxResults })
  const grid = []
  for (const filter of filters)
    for (const orderBy of orders) {
      const [began, used] = [performance.now(), process.cpuUsage()]
      await searchRuns(metadata, { experiments: [EXPERIMENT], filter, orderBy, maxResults })
      const name = `${filter || 'all'}; ${orderBy.join(', ') || 'newest'}`
      grid.push({ name, milliseconds: performance.now() - began, processor: processorSince(used) })
    }
  await metadata.close()
  return { grid }
}

function processorSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const [task, path, count, maxResults] = process.argv.slice(2) as [string, string, string, string]
if (task === 'write') await writeRuns(path, Number(count))
const answer =
  task === 'search'
    ? await search(path, Number(count), Number(maxResults))
    : task === 'grid'
      ? await searchGrid(path, Number(count))
      : {}
process.stdout.write(`${JSON.stringify({ ...answer, peak_rss_mb: ownUsage().peak_rss_mb })}\n`)
