// The server of the artifacts benchmark: a whole platform without a project.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { collectProject } from '../src/language/define/collect-project.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { servePlatform } from '../src/platform/app/serve.ts'
import { answerQuestions } from './child.ts'

/** Memory of the server, megabytes: what it holds, and the most that it held since it was asked the time before. */
export interface Memory {
  readonly rss: number
  readonly peak: number
}

const folder = process.argv[2]!
const platform = await openPlatform({ config: collectProject([]), folder, directory: `${folder}/data` })
const server = await servePlatform(platform, { port: 0 })

function memory(): Memory {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1])
  const told = { rss: Math.round(kilobytes('VmRSS') / 1024), peak: Math.round(kilobytes('VmHWM') / 1024) }
  // From here on the kernel counts the peak anew.
  writeFileSync('/proc/self/clear_refs', '5')
  return told
}

answerQuestions<'address' | 'memory'>(
  async (question) => (question === 'address' ? server.url : memory()),
  async () => {
    await server.close()
    await platform.close()
  },
)
