// Opens the console in a real, headless browser.  npm run test:browser [-- --url ADDRESS | --serve PORT] [--walk NAME] [--only TEXT]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { findChromium } from './chromium.ts'
import { startDemo } from './demo-process.ts'
import { startFixture } from './fixture.ts'
import type { Walk } from './walk.ts'
import { walkFixture } from './walk-fixture.ts'
import { walkPlatform } from './walk-platform.ts'
import { walkRehearsal } from './walk-rehearsal.ts'

const { values } = parseArgs({
  options: {
    // walks a running platform in place of the generated data
    url: { type: 'string' },
    // serves the generated data for looking at, and walks nothing
    serve: { type: 'string' },
    // walks the generated data alone (`fixture`, some minutes less), or a demo alone (`demo`)
    walk: { type: 'string' },
    // runs the checks whose name has this text
    only: { type: 'string' },
  },
})

if (values.serve !== undefined) {
  const { url } = await startFixture(Number(values.serve))
  console.log(`The console over generated data: ${url}/months/`)
} else if (values.walk !== undefined && values.walk !== 'fixture' && values.walk !== 'demo') {
  console.error(`There is no walk '${values.walk}': there are fixture and demo.`)
  process.exitCode = 1
} else {
  process.exitCode = await run({ ...values, walk: values.walk })
}

interface RunOptions {
  readonly url?: string | undefined
  readonly walk?: 'fixture' | 'demo' | undefined
  readonly only?: string | undefined
}

async function run({ url, walk, only = '' }: RunOptions): Promise<number> {
  // Inside a container the browser runs as root, where its own sandbox cannot be set up.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: findChromium(), args })
  const results = { passed: 0, failed: 0 }
  try {
    const walkTo = (address: string): Walk => walkOf(browser, address, only, results)
    if (url !== undefined) await walkPlatform(walkTo(url))
    if (url === undefined && walk !== 'demo') {
      const fixture = await startFixture()
      await walkFixture(walkTo(fixture.url))
      await fixture.close()
    }
    if (url === undefined && walk !== 'fixture') {
      const demo = await startDemo()
      try {
        await walkRehearsal(walkTo(demo.url))
        await demo.rehearsed
        await walkPlatform(walkTo(demo.url))
      } finally {
        await demo.close()
      }
    }
  } finally {
    await browser.close()
  }
  console.log(`\nbrowser: ${results.passed} passed, ${results.failed} failed; screenshots in artifacts/screenshots/`)
  return results.failed === 0 && results.passed > 0 ? 0 : 1
}

function walkOf(browser: Browser, url: string, only: string, results: { passed: number; failed: number }): Walk {
  return {
    browser,
    url,
    async check(name, test) {
      if (!name.includes(only)) return
      try {
        await test()
        results.passed += 1
        console.log(`ok      ${name}`)
      } catch (error) {
        results.failed += 1
        console.log(`FAILED  ${name}\n        ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  }
}
