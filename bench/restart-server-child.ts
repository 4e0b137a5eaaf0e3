// One start of the restart benchmark: restart-server-child.ts FOLDER CARD. Prints how long it took from the process's
// start to the first answer over HTTP, and that answer.
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../src/core/clock.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { servePlatform } from '../src/platform/app/serve.ts'
import { ownUsage } from './child.ts'
import { GROUP, NOW, restartProject } from './restart-project.ts'

export interface StartedServer {
  /** From the start of the process to the answer. */
  readonly milliseconds: number
  readonly answer: unknown
  /** Of the state. */
  readonly entities: number
  readonly bytes: number
  readonly peak_rss_mb: number
}

const [folder, card] = process.argv.slice(2) as [string, string]
const directory = join(folder, 'data')
const platform = await openPlatform({ config: restartProject(), directory, clock: virtualClock(NOW) })
const server = await servePlatform(platform, { port: 0 })
const response = await fetch(`${server.url}/api/v1/features/${GROUP}/read`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ key: { card: Number(card) } }),
})
const answer = await response.json()
const milliseconds = performance.now()
const [group] = platform.parts.engine.groups()
const { entities, bytes } = group!.live.memory()
const { peak_rss_mb } = ownUsage()
const started: StartedServer = { milliseconds, answer, entities, bytes, peak_rss_mb }
console.log(JSON.stringify(started))
// Without a goodbye: the next start must find all as this one found it.
process.exit(0)
