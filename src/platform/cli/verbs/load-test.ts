import { readFile } from 'node:fs/promises'
import process from 'node:process'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import { listWords, millisecondWords, percentWords } from '../../../operate/monitoring/words.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import { errorCode } from '../../../stores/durable-file.ts'
import type { LoadTestAnswer, LoadTestStart, ServerLoad } from '../../api/load-test-answers.ts'
import type { OperationName } from '../../api/operations.ts'
import type { LoadPlan } from '../../app/load/run-load-test.ts'
import { callOperation, callOwner } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { type LoadTestOptions, loadRates, loadSettings } from '../load-settings.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'

const MOST_ROWS = 1000
/** `loadtest`: asks a model at a rate, whatever it answers, and keeps what was measured as evidence. */
export const loadTest: Verb = (program: Command) => {
  program
    .command('loadtest [model]')
    .description('ask a running platform at a rate, hold its answers against serve.slo, and keep that as evidence')
    .option('--rate <n>', 'requests a second', '100')
    .option('--for <duration>', 'how long to measure each rate', '30s')
    .option('--warmup <duration>', 'how long to ask before measuring', '2s')
    .option('--rows-per-request <n>', 'rows in each request', '1')
    .option('--connections <n>', 'connections that are kept open', '64')
    .option('--arrivals <how>', 'poisson (independent callers) or constant', 'poisson')
    .option('--seed <n>', 'of the times at which requests are due', '1')
    .option('--url <url>', 'address of the platform; that of the data directory unless given')
    .option('--rows <file>', 'JSON lines to ask with; the newest rows of the stream unless given')
    .option('--steps <rates>', 'rising rates, such as 100,200,400, up to the first that is not sustained')
    .option('--find', 'look for the highest rate that is sustained, from --rate on')
    .option('--runs', 'list the load tests that are kept')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<LoadTestOptions>(command)
      if (options.runs === true) {
        const input = model === undefined ? {} : { model }
        const tests = await callOperation<LoadTestAnswer[]>('loadTests', input, options)
        if (options.json === true) printJson(tests)
        else printTests(tests)
        return
      }
      if (model === undefined)
        throw new TruelineError('invalid_arguments', 'Name the model that is to be asked.', { path: 'model' })
      const test = await runLoadTest(model, options)
      if (options.json === true) printJson(test)
      else printTest(test)
      if (test.verdict === 'fail') process.exitCode = 1
    })
}

async function runLoadTest(model: string, options: LoadTestOptions & GlobalOptions): Promise<LoadTestAnswer> {
  const { findKnee, runStep, runSteps } = await import('../../app/load/run-load-test.ts')
  const url = await addressOf(options)
  const call = async <Answer>(name: OperationName, input: Record<string, unknown>): Promise<Answer> =>
    (await callOwner(url, name, input)) as Answer
  const settings = loadSettings(options)
  const rates = loadRates(options, settings)
  const given = options.rows === undefined ? undefined : await rowsOf(options.rows)
  const limit = given === undefined ? MOST_ROWS : 0
  const start = await call<LoadTestStart>('beginLoadTest', { model, as: options.as, limit })
  const plan: LoadPlan = {
    ...{ url, model, token: start.token, settings, signal: new AbortController().signal },
    ...(start.slo === undefined ? {} : { slo: start.slo }),
    rows: given ?? start.rows,
    observe: () => call<ServerLoad>('serverLoad', {}),
    onStep: (rate, step) => printNote(step === undefined ? `${rate} requests/s ...` : `  ${sentenceOf(step)}`),
  }
  const steps =
    options.find === true
      ? await findKnee(plan, rates[0]!)
      : options.steps === undefined
        ? [await runStep(plan, rates[0]!)]
        : await runSteps(plan, rates)
  const { digest, token } = start
  return await call<LoadTestAnswer>('endLoadTest', { model, as: options.as, digest, token, settings, steps })
}

/** @throws TruelineError `no_owner` when nothing runs over the data directory, `invalid_arguments` */
async function addressOf(options: LoadTestOptions & GlobalOptions): Promise<string> {
  const url = options.url ?? (await readOwner(directoryOf(options)))?.url
  if (url === undefined)
    throw new TruelineError('no_owner', 'No platform runs over this data directory: there is nothing to put load on.')
  if (!URL.canParse(url) || new URL(url).protocol !== 'http:')
    throw new TruelineError('invalid_arguments', `--url is an address such as http://127.0.0.1:7700, not '${url}'.`)
  return url.replace(/\/$/, '')
}

/** @throws TruelineError `file_not_found`; `invalid_arguments` for a file without rows, or with a line that is no JSON */
async function rowsOf(path: string): Promise<unknown[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '')
    if (lines.length > 0) return lines.map((line) => JSON.parse(line))
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
    throw new TruelineError('invalid_arguments', `${path} cannot be read as JSON lines: ${(cause as Error).message}`, {
      ...{ path, cause },
    })
  }
  throw new TruelineError('invalid_arguments', `${path} has no rows.`, { path })
}

const milliseconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0))

/** Latencies where there are any: without an answer there is none, and it is not nought. */
const ofAnswers =
  ({ response }: LoadTestAnswer['steps'][number]['client']) =>
  (value: number): string | undefined =>
    response.max === 0 ? undefined : milliseconds(value)

function sentenceOf({
  client,
  server,
}: LoadTestAnswer['steps'][number] | (Parameters<NonNullable<LoadPlan['onStep']>>[1] & object)): string {
  const { response } = client
  const used = server === undefined ? '' : `; event loop ${Math.round(server.utilization * 100)}% busy`
  const latencies =
    response.max === 0 ? '' : `, p50 ${milliseconds(response.p50)} ms, p99 ${milliseconds(response.p99)} ms`
  return `${client.answered} of ${client.requests} answered${latencies}${used}`
}

function printTest({ number, model, version, steps, knee, verdict, reasons, slo }: LoadTestAnswer): void {
  printTable(
    [
      'rate',
      'answered',
      'p50',
      'p90',
      'p99',
      '95% of p99',
      'p99.9',
      'max',
      'service p99',
      'lag p99',
      'busy',
      'us/request',
      'verdict',
    ],
    steps.map(({ client, server, verdict: ofStep }) => [
      ...[client.rate, `${client.answered}/${client.requests}`],
      ...[client.response.p50, client.response.p90, client.response.p99].map(ofAnswers(client)),
      client.response.max === 0
        ? undefined
        : `${milliseconds(client.p99.low ?? 0)}-${client.p99.high === undefined ? '?' : milliseconds(client.p99.high)}`,
      ...[client.response.p999, client.response.max, client.service.p99].map(ofAnswers(client)),
      milliseconds(client.lag.p99),
      server === undefined ? undefined : `${Math.round(server.utilization * 100)}%`,
      server === undefined ? undefined : Math.round(server.cpuPerRequest),
      ofStep,
    ]),
  )
  for (const { client, server } of steps) {
    const others = Object.entries(client.codes).filter(([code]) => code !== 'ok')
    for (const [code, count] of others) printLine(`at ${client.rate}/s: ${count} ${code}`)
    if (server !== undefined && server.stall > 50)
      printLine(`at ${client.rate}/s: the server's event loop was held up for ${milliseconds(server.stall)} ms`)
  }
  const { sustained, broken } = knee
  if (steps.length > 1)
    printLine(`sustained: ${sustained ?? 'none of these'} requests/s; broken: ${broken ?? 'not reached'}`)
  // What ended a search says where its knee comes from, or why there is none.
  const last = steps.at(-1)!
  if (steps.length > 1 && last.verdict !== 'pass' && last.reasons.join() !== reasons.join())
    for (const reason of last.reasons) printLine(`at ${last.client.rate}/s: ${reason}`)
  for (const reason of reasons) printLine(reason)
  const promised = [
    ...(slo?.p99 === undefined ? [] : [`p99 of ${millisecondWords(slo.p99 / 1000)}`]),
    ...(slo?.availability === undefined ? [] : [`availability of ${percentWords(slo.availability)}`]),
  ]
  const held = promised.length === 0 ? '' : `, held against ${listWords(promised)}`
  printLine(`${verdict}: load test ${number} of ${model} v${version}${held}`)
  if (sustained !== undefined) printLine(`next: trueline capacity ${model} --target REQUESTS_A_SECOND`)
}

function printTests(tests: readonly LoadTestAnswer[]): void {
  if (tests.length === 0) printLine('No load test is kept. Make one: trueline loadtest MODEL')
  else
    printTable(
      ['test', 'model', 'at', 'by', 'rates', 'p99', 'sustained', 'broken', 'verdict'],
      tests.map(({ number, model, version, at, by, steps, knee, verdict }) => [
        ...[number, `${model} v${version}`, formatTime(at), by],
        steps.map(({ client }) => client.rate).join(','),
        ofAnswers(steps[0]!.client)(steps[0]!.client.response.p99),
        ...[knee.sustained, knee.broken, verdict],
      ]),
    )
}
