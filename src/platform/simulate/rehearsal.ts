import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { type VirtualClock, virtualClock } from '../../core/clock.ts'
import { formatTime } from '../../core/time.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { loadVersion } from '../../operate/serving/load-version.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { TrainAnswer } from '../api/training-answers.ts'
import type { Parts } from '../app/assemble-platform.ts'
import { type OwnedPlatform, openPlatform } from '../app/open-platform.ts'
import { type RunningServer, servePlatform } from '../app/serve.ts'
import { monthsBetween } from './months.ts'
import { type PlayedMonth, Player, type Retrained } from './player.ts'
import { scoreMonth } from './score-month.ts'
import type { History } from './timeline.ts'
import { writeHistoryBefore } from './write-history.ts'

/** A stretch of history to live through, with one model. */
export interface RehearsalOptions {
  readonly project: ProjectDefinition
  readonly model: string
  readonly histories: readonly History[]
  /** What was known before is imported; from here on it is lived. Microseconds. */
  readonly start: number
  /** What is predicted before it is reported; it is lived on until all outcomes of that had their time to come. */
  readonly until: number
  /** About how many predictions there will be: what goes over HTTP and what is audited is chosen by it. */
  readonly expectedRows: number
  /** Replaced by the run. */
  readonly directory: string
  readonly port: number
  /** How the command line is called, as the console shows its commands. */
  readonly calledAs?: string
  readonly onProgress: (sentence: string, done: number) => void
  /** Told when the console can be opened. */
  readonly onServing?: (url: string) => void
}

export interface MonthReport {
  readonly month: string
  readonly rows: number
  readonly auc_stale: number | null
  readonly auc_served: number | null
  readonly auc_baseline: number | null
  readonly alerts: number
  readonly p50_ms: number | null
  readonly p99_ms: number | null
  readonly audited: number
  readonly mismatches: number
  /** Version that served at the end of the month. */
  readonly version: number
}

export interface RehearsalReport {
  readonly dataset: { readonly rows: number; readonly seconds: number }
  readonly model: { readonly digest: string; readonly auc: number | null; readonly baseline_auc: number | null }
  readonly predictions: { readonly total: number; readonly http: number }
  readonly parity: { readonly checked: number; readonly mismatches: number; readonly unverifiable: number }
  readonly rollback: { readonly seconds: number }
  readonly alerts: number
  readonly retrained: readonly Retrained[]
  readonly seconds: number
  readonly peak_rss_mb: number
  readonly months: readonly MonthReport[]
}

/** A rehearsal that has ended, with the platform still up. */
export interface Rehearsed {
  readonly report: RehearsalReport
  /** Where the platform answers. */
  readonly url: string
  /** Lets the clock run, and goes on with the history at real speed; resolves when that ends, or it is told to stop. */
  goOn(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const TRAINER = { name: 'data-scientist' }
const APPROVER = { name: 'domain-expert' }

/**
 * Lives through a stretch of history on a virtual clock, on the real platform: imports what was known, trains a model
 * without windows and one with them, serves every asking row at its time, ingests every event when it became known,
 * retrains by the model's schedule, drills a rollback, and audits what was served.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsed> {
  await rm(options.directory, { recursive: true, force: true })
  await mkdir(options.directory, { recursive: true })
  const clock = virtualClock(options.start)
  const platform = await openPlatform({ config: options.project, directory: join(options.directory, 'data'), clock })
  let server: RunningServer | undefined
  try {
    server = await servePlatform(platform, { port: options.port, orNextPort: true, calledAs: options.calledAs })
    options.onServing?.(server.url)
    const { report, player } = await liveThrough(options, platform, server, clock)
    const { url } = server
    return {
      ...{ report, url },
      goOn: (signal) => goOn(platform, clock, player, signal),
      async close() {
        await player.close()
        await server?.close()
        await platform.close()
      },
    }
  } catch (thrown) {
    await server?.close()
    await platform.close()
    throw thrown
  }
}

async function liveThrough(
  options: RehearsalOptions,
  platform: OwnedPlatform,
  server: RunningServer,
  clock: VirtualClock,
): Promise<{ report: RehearsalReport; player: Player }> {
  const started = performance.now()
  const tell = (sentence: string, done: number): void => {
    platform.parts.rehearsal.progress = { phase: 'rehearsal', done, sentence }
    options.onProgress(sentence, done)
  }
  await importHistory(platform, options, tell)
  const first = await trainAndPromote(platform, options.model, 'without_windows', tell, 0.04)
  const second = await trainAndPromote(platform, options.model, 'full', tell, 0.08)
  const { histories, until } = options
  const model = options.project.models[options.model]!
  const player = new Player({
    ...{
      platform,
      clock,
      url: server.url,
      model,
      histories,
      start: options.start,
      until,
      expectedRows: options.expectedRows,
    },
    onProgress: (sentence, share) => tell(sentence, 0.12 + share * 0.8),
  })
  const played: PlayedMonth[] = []
  for (const month of monthsBetween(options.start, until)) played.push(await player.playMonth(month))
  await player.awaitOutcomes()
  tell('scoring the months by their outcomes', 0.93)
  const scored = await reportMonths(platform, model.name, played, { stale: second.version, baseline: first.version })
  const total = scored.reduce((sum, { rows }) => sum + rows, 0)
  const { parts } = platform
  const versionMetrics = { stale: second.metrics['auc'], baseline: first.metrics['auc'] }
  const report: RehearsalReport = {
    dataset: { rows: second.dataset.rows, seconds: second.dataset.seconds },
    model: { digest: second.digest, auc: versionMetrics.stale ?? null, baseline_auc: versionMetrics.baseline ?? null },
    predictions: { total, http: player.overHttp },
    parity: {
      checked: parts.audits.checked,
      mismatches: parts.audits.mismatches,
      unverifiable: parts.audits.unverifiable,
    },
    rollback: { seconds: player.rollbackSeconds ?? Number.NaN },
    alerts: scored.reduce((sum, { alerts }) => sum + alerts, 0),
    retrained: player.retrained,
    seconds: (performance.now() - started) / 1000,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    months: scored,
  }
  delete parts.rehearsal.progress
  return { report, player }
}

async function goOn(platform: OwnedPlatform, clock: VirtualClock, player: Player, signal: AbortSignal): Promise<void> {
  // Whoever looks is told what clock this is, and why streams fall silent in the end.
  const tell = (sentence: string): void => {
    platform.parts.rehearsal.progress = { phase: 'rehearsal', done: 1, sentence }
  }
  tell(`lived through until ${formatTime(clock.now())}; goes on at real speed`)
  clock.release()
  platform.startTimers()
  await player.playOn(signal)
  tell('its data has ended, so that no more events come')
}

async function importHistory(
  platform: OwnedPlatform,
  { histories, start, directory }: RehearsalOptions,
  tell: RehearsalOptions['onProgress'],
): Promise<void> {
  for (const history of histories) {
    tell(`importing ${history.stream.name} known before ${formatTime(start)}`, 0.01)
    const file = await writeHistoryBefore(history, start, directory)
    await platform.importHistory(history.stream.name, file)
    await rm(file)
  }
}

/** Trains a version, has it approved by somebody else, and lets it serve when its gate passed. */
async function trainAndPromote(
  platform: OwnedPlatform,
  model: string,
  variant: 'full' | 'without_windows',
  tell: RehearsalOptions['onProgress'],
  done: number,
): Promise<TrainAnswer> {
  const which = variant === 'full' ? 'with windowed features' : 'without windowed features'
  const onProgress = (sentence: string, share: number): void =>
    tell(`training ${which}: ${sentence}`, done + share * 0.03)
  const answer = await platform.train(model, TRAINER, { variant, onProgress })
  await platform.approve(model, answer.version, APPROVER, answer.gate.sentence)
  await platform.promote(model, answer.version, APPROVER, answer.gate.sentence)
  return answer
}

async function reportMonths(
  { parts }: OwnedPlatform,
  model: string,
  played: readonly PlayedMonth[],
  versions: { readonly stale: number; readonly baseline: number },
): Promise<MonthReport[]> {
  const stale = await load(parts, model, versions.stale)
  const baseline = await load(parts, model, versions.baseline)
  const reports: MonthReport[] = []
  for (const { month, alerts, p50, p99, audit, version } of played) {
    const { audited, mismatches } = await audit
    const scores = await scoreMonth(parts, model, month, stale, baseline)
    reports.push({
      month: month.name,
      rows: scores.rows,
      auc_stale: scores.stale ?? null,
      auc_served: scores.served ?? null,
      auc_baseline: scores.baseline ?? null,
      alerts,
      p50_ms: p50 === undefined ? null : p50 / 1000,
      p99_ms: p99 === undefined ? null : p99 / 1000,
      audited,
      mismatches,
      version,
    })
  }
  return reports
}

async function load({ metadata, artifacts }: Parts, model: string, number: number): Promise<ServedVersion> {
  const version = await readVersion(metadata, model, number)
  return await loadVersion(version, await readVersionDefinition(metadata, version), artifacts)
}
