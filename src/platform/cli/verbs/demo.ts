import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { RehearsalReport, Rehearsed } from '../../simulate/rehearsal.ts'
import { calledAbout } from '../called-as.ts'
import { copyExample } from '../copy-example.ts'
import { printJson, printLine, printNote, printTable, progressBar } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { optionsOf, refuseProjectOptions, type Verb, wholeNumber } from '../verb.ts'
import { stopSignal } from './up.ts'

interface DemoOptions {
  readonly until: string
  readonly rows?: string
  readonly exit?: boolean
  readonly port: string
}

/** Where all of it is written, below the folder that it is run in. */
const FOLDER = '.trueline-demo'
const DIRECTORY = join(FOLDER, 'run', 'data')
const START = parseTime('2001-02-01')
/** There are flights until July: those of the last days are lived through while outcomes come, and after it. */
const END = parseTime('2001-06-29')
const FLIGHTS = 3_000_000
/** With fewer, too many airports have no flight in a day, and the quality gate stops the training. */
const FEWEST_FLIGHTS = 100_000
const HALF_YEAR = parseTime('2001-07-01') - parseTime('2001-01-01')

/** `demo`: half a year of real flights, from raw data to a served, watched and retrained model. */
export const demo: Verb = (program: Command) => {
  program
    .command('demo')
    .description('the flights example on a virtual clock, from raw data to a served, monitored, retrained model')
    .option('--until <date>', 'report what is predicted before this day of 2001', '2001-06-29')
    .option('--rows <n>', 'at most so many flights, spread over the half year')
    .option('--port <port>', 'port of the API and the console; the next free one when it is busy', '7700')
    .option('--exit', 'end when the rehearsal has ended, instead of leaving the platform up')
    .action(async (_options: unknown, command: Command) => {
      refuseProjectOptions(command, `${FOLDER} below the folder that it is run in`)
      const options = optionsOf<DemoOptions>(command)
      const { report, url, goOn, close } = await run(options)
      if (options.json === true) printJson(report)
      else printReport(report)
      if (options.exit !== true) {
        const stopping = new AbortController()
        const going = goOn(stopping.signal).catch(printFailure)
        const note = `The platform is up on ${url} with its console, and its flights go on at real speed; stop it with Ctrl-C.`
        if (options.json === true) printNote(note)
        else printLine(note)
        printNote(`In another terminal: trueline --directory ${DIRECTORY} status, and so with every command.`)
        await stopSignal()
        stopping.abort()
        await going
      }
      await close()
    })
}

function printFailure(thrown: unknown): void {
  const { code, message } = asTruelineError(thrown)
  printNote(`The flights do not go on (${code}): ${message}`)
}

async function run(options: DemoOptions): Promise<Rehearsed> {
  const until = parseTime(options.until)
  if (until <= START || until > END)
    throw new TruelineError(
      'invalid_arguments',
      `--until must lie after ${formatTime(START)} and not after ${formatTime(END)}.`,
      { path: '--until' },
    )
  const rows = options.rows === undefined ? FLIGHTS : Number(options.rows)
  if (!Number.isSafeInteger(rows) || rows < FEWEST_FLIGHTS || rows > FLIGHTS)
    throw new TruelineError(
      'invalid_arguments',
      `--rows must be a whole number from ${FEWEST_FLIGHTS} to ${FLIGHTS}.`,
      {
        path: '--rows',
      },
    )
  const { findFlights, splitFlights } = await import('../../simulate/flights.ts')
  const { rehearse } = await import('../../simulate/rehearsal.ts')
  const directory = resolve(FOLDER)
  await refuseForeignFolder(directory)
  await rm(directory, { recursive: true, force: true })
  await mkdir(join(directory, 'flights'), { recursive: true })
  const bar = progressBar()
  try {
    const project = await loadFlightsProject(join(directory, 'project'))
    bar.show(0, 'reading three million flights')
    const files = await splitFlights(findFlights(), join(directory, 'flights'), rows)
    const { departures, arrivals } = project.streams
    return await rehearse({
      project,
      model: 'late_flight',
      histories: [
        { stream: departures!, file: files.departures },
        { stream: arrivals!, file: files.arrivals },
      ],
      start: START,
      until,
      expectedRows: (files.rows * (until - START)) / HALF_YEAR,
      directory: join(directory, 'run'),
      port: wholeNumber(options.port, '--port'),
      calledAs: calledAbout({ directory: DIRECTORY }),
      onProgress: (sentence, done) => bar.show(done, sentence),
      onServing: (url) => printNote(`console: ${url}`),
    })
  } finally {
    bar.end()
  }
}

/** The folder is replaced by each run, so it must be one of ours. */
async function refuseForeignFolder(directory: string): Promise<void> {
  if (!existsSync(directory) || existsSync(join(directory, 'project')) || existsSync(join(directory, 'flights'))) return
  throw new TruelineError('directory_foreign', `${directory} is not the folder of a demo.`, { path: directory })
}

/** The example's project file: run where it stands in the repository, from a copy where the package is installed. */
async function loadFlightsProject(folder: string): Promise<ProjectDefinition> {
  const { loadProject } = await import('../../app/load-project.ts')
  if (import.meta.url.endsWith('.ts'))
    return await loadProject(packageFile('examples', 'flights', 'trueline.config.ts'))
  await copyExample('flights', folder, pathToFileURL(packageFile('dist', 'index.js')).href)
  return await loadProject(join(folder, 'trueline.config.ts'))
}

function printReport(report: RehearsalReport): void {
  const auc = (value: number | null): string | undefined => value?.toFixed(4)
  printTable(
    [
      'month',
      'flights',
      'AUC stale',
      'AUC served',
      'AUC baseline',
      'alerts',
      'p50 ms',
      'p99 ms',
      'audited',
      'mismatches',
      'version',
    ],
    report.months.map((one) => [
      one.month,
      one.rows,
      auc(one.auc_stale),
      auc(one.auc_served),
      auc(one.auc_baseline),
      one.alerts,
      one.p50_ms?.toFixed(2),
      one.p99_ms?.toFixed(2),
      one.audited,
      one.mismatches,
      `v${one.version}`,
    ]),
  )
  printLine()
  printLine(
    `${report.predictions.total.toLocaleString('en')} flights scored, ${report.predictions.http.toLocaleString('en')} of them over HTTP, in ${report.seconds.toFixed(0)} s and ${report.peak_rss_mb} MB.`,
  )
  printLine(
    `Parity: ${report.parity.checked.toLocaleString('en')} served vectors recomputed from the log, ${report.parity.mismatches} differ. Rollback: ${report.rollback.seconds.toFixed(3)} s.`,
  )
  for (const one of report.retrained)
    printLine(`Retrained v${one.version}: gate ${one.verdict}, ${one.promoted ? 'promoted' : 'rejected'}.`)
}
