import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/free-port.ts'
import { systemClock } from '../../src/core/clock.ts'
import { DAY } from '../../src/core/time.ts'
import type { ContractTestsAnswer } from '../../src/platform/api/model-contract-answers.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { contractTestFiles } from '../../src/platform/cli/contract-test-files.ts'
import { importShop, makeHistory, openShop, temporaryFolder, trainAndServe } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const MODEL = 'sent_back'
const DAYS = 20
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'
const MOST_SECONDS = 60

/** Characters of what a program said that an error repeats. */
const MOST_SAID = 8000

/** What callers get of a contract, tried with their own tools: node's and Python's test runners, and Schemathesis. */
export const contractsSuite: EngineSuite = {
  name: 'contracts',
  async run(check) {
    const python = pythonWith('contracts', ['pytest', 'schemathesis'])
    await using folder = await temporaryFolder()
    // The rows of the tests ask about today.
    const now = Math.floor(systemClock().now() / DAY) * DAY
    const { platform } = await openShop({ folder: folder.path, now })
    const server = await servePlatform(platform, { port: 0 })
    const run = async (program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> => {
      const options = {
        cwd: folder.path,
        env: env ?? { ...process.env, TRUELINE_URL: server.url },
        timeout: MOST_SECONDS * 1000,
      }
      const ran = promisify(execFile)(program, args, options)
      const { stdout } = await ran.catch((error: Error & { readonly stdout?: string }) => {
        error.message += `\n${error.stdout?.slice(-MOST_SAID)}`
        throw error
      })
      return stdout
    }
    const nodeTests = (env?: NodeJS.ProcessEnv) =>
      run(process.execPath, ['--test', join(folder.path, '*.contract.test.ts')], env)
    const pytest = (env?: NodeJS.ProcessEnv) => run(join(python, 'pytest'), ['-q', folder.path], env)
    const schemathesis = (...choice: string[]) =>
      run(join(python, 'schemathesis'), [
        ...['run', `${server.url}/openapi.json`, '--checks', CHECKS, '--generation-deterministic', ...choice],
      ])
    try {
      await importShop(platform, folder.path, makeHistory(now - DAYS * DAY, DAYS))
      await trainAndServe(platform, MODEL, 'without_windows')
      const tests = await platform.contractTests(MODEL)
      const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
        for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
      }
      await write(contractTestFiles(tests))
      await check('the files that are made for callers pass against the model that serves', async () => {
        assert.match(await nodeTests(), new RegExp(`pass ${tests.cases.length}\\n[^]*fail 0\\n`))
        assert.match(await pytest(), new RegExp(`^${tests.cases.length} passed`, 'm'))
        // They are told apart from those who call the model.
        const { callers } = await platform.contractDiff(MODEL, tests.version, tests.version)
        assert.deepEqual(
          callers.map(({ caller }) => caller),
          ['contract_tests'],
        )
      })
      await check('and fail when the model does not do what they say', async () => {
        const wrong: ContractTestsAnswer = JSON.parse(
          await readFile(join(folder.path, `${MODEL}.contract.json`), 'utf8'),
        )
        const [first, ...others] = wrong.cases
        const expected = { outcome: 'refused', code: 'wrong_type', path: 'amount' } as const
        await write(contractTestFiles({ ...wrong, cases: [{ ...first!, expect: expected }, ...others] }))
        const saying = (text: string) => (error: Error) => String((error as { stdout?: string }).stdout).includes(text)
        await assert.rejects(nodeTests(), saying('fail 1\n'))
        await assert.rejects(pytest(), saying('1 failed'))
      })
      await check(
        'a release that takes more, or decides something new, skips what is told so and fails nobody',
        async () => {
          const before = { ...tests, digest: `sha256:${'0'.repeat(64)}` } as const
          const [first, ...others] = tests.cases
          const refused = { outcome: 'refused', code: 'out_of_range', path: 'amount' } as const
          const narrower = [first!, { ...first!, name: 'narrower', expect: refused }, ...others]
          await write(contractTestFiles({ ...before, cases: narrower }))
          assert.match(await nodeTests(), /fail 0\n.*skipped 1\n/s)
          assert.match(await pytest(), new RegExp(`^${tests.cases.length} passed, 1 skipped`, 'm'))
          const response = { ...tests.response, decisions: ['another'] }
          await write(contractTestFiles({ ...before, response, cases: [first!] }))
          assert.match(await nodeTests(), /fail 0\n.*skipped 1\n/s)
          assert.match(await pytest(), /^1 skipped/m)
        },
      )
      await check('one that takes less fails them, and says what was answered', async () => {
        const [first] = tests.cases
        const wider = {
          name: 'wider',
          row: { ...(first!.row as object), amount: -1 },
          expect: { outcome: 'scored' },
        } as const
        await write(contractTestFiles({ ...tests, digest: `sha256:${'0'.repeat(64)}`, cases: [first!, wider] }))
        const saying = (text: string) => (error: Error) => String((error as { stdout?: string }).stdout).includes(text)
        await assert.rejects(nodeTests(), saying('out_of_range'))
        await assert.rejects(pytest(), saying("'code': 'out_of_range'"))
      })
      await check('where nothing answers they say so, and which variable to set', async () => {
        const none = { ...process.env, TRUELINE_URL: `http://127.0.0.1:${await freePort()}` }
        const saying = (error: Error) =>
          String((error as { stdout?: string }).stdout).includes(`No platform answers at ${none.TRUELINE_URL}: `)
        await assert.rejects(nodeTests(none), saying)
        await assert.rejects(pytest(none), saying)
      })
      await check('answers to a model are as /openapi.json says, whatever is asked', async () => {
        const said = await schemathesis('--include-path', `/v1/models/${MODEL}/predict`, '--max-examples', '60')
        assert.match(said, /No issues found/)
      })
      await check('and what the console reads never fails, whatever is asked', async () => {
        const said = await schemathesis(
          '--include-method',
          'GET',
          '--max-examples',
          '10',
          '--phases',
          'coverage,fuzzing',
        )
        assert.match(said, /Test cases:/)
        assert.doesNotMatch(said, /Failures:/)
      })
    } finally {
      await server.close()
      await platform.close()
    }
  },
}
