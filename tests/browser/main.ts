// Opens the console in a real, headless browser.  npm run test:browser [-- --url ADDRESS | --serve PORT] [--only TEXT]
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
    // runs the checks whose name has this text
    only: { type: 'string' },
  },
})

if (values.serve !== undefined) {
  const { url } = await startFixture(Number(values.serve))
  console.log(`The console over generated data: ${url}/months/`)
} else {
  process.exitCode = await run(values.url, values.only ?? '')
}

async function run(url: string | undefined, only: string): Promise<number> {
  // Inside a container the browser runs as root, where its own sandbox cannot be set up.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: findChromium(), args })
  const results = { passed: 0, failed: 0 }
  try {
    if (url === undefined) {
      const fixture = await startFixture()
      await walkFixture(walkOf(browser, fixture.url, only, results))
      await fixture.close()
      const demo = await startDemo()
      try {
        await walkRehearsal(walkOf(browser, demo.url, only, results))
        await demo.rehearsed
        await walkPlatform(walkOf(browser, demo.url, only, results))
      } finally {
        await demo.close()
      }
    } else {
      await walkPlatform(walkOf(browser, url, only, results))
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
