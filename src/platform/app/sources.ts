import process from 'node:process'
import type { TruelineError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import { DAY, MINUTE } from '../../core/time.ts'
import { changeWords } from '../../data/sources/column-changes.ts'
import { type LocalTime, localTimeRemedy, localTimeWords } from '../../data/sources/local-times.ts'
import { acceptedBetween, forgetRuns } from '../../data/sources/source-store.ts'
import { createSources, type SourceStanding, type Sources } from '../../data/sources/sources.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import { createSourceMonitor, type SourceFacts, type SourceMonitor } from '../../operate/monitoring/source-monitor.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { SourceListing, SourceRunAnswer } from '../api/source-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { historyTaker } from './import-history.ts'

/** What is asked of the sources of a platform, by name. */
export interface SourceDesk {
  list(): SourceListing[]
  /** The same, with the new rows that the last whole stretch brought where a volume is promised. */
  listings(): Promise<SourceListing[]>
  runs(source: string, limit: number, before?: number): Promise<SourceRunAnswer[]>
  run(source: string): Promise<SourceRunAnswer>
  backfill(source: string, range: { from?: number; to?: number }, by: Identity): Promise<SourceRunAnswer>
  reset(source: string, by: Identity, reason: string): Promise<SourceListing>
  accept(source: string, by: Identity): Promise<SourceListing>
  /** Begins the turns that are due, and judges freshness and volume. */
  advance(now: number): Promise<void>
  /** Resolves when no turn is under way. */
  settled(): Promise<void>
}

/** A source may run every few seconds. */
const RUNS_ARE_KEPT = 90 * DAY

type SourceParts = Omit<Parts, 'sources' | 'batches'>

/**
 * The sources of a platform.
 * @param folder that relative paths of files are below: that of the project file
 */
export async function createSourceDesk(parts: SourceParts, folder: string): Promise<SourceDesk> {
  const { project, log, lake, ingest, metadata, clock, desk, gates, underWay, logger } = parts
  const monitor = createSourceMonitor(desk)
  /** Sources of which it was told that their times name no zone. */
  const told = new Set<string>()
  const sources = await createSources({
    sources: project.sources ?? {},
    streams: project.streams,
    parts: {
      metadata,
      log,
      lake,
      ingest,
      onImported: (batch) => historyTaker(parts, project.streams[batch.stream]!)(batch),
      onHistory: gates.judgeHistory,
      context: { folder, temporaryFolder: lake.temporaryFolder, now: clock.now, environment: process.env },
    },
    random: seededRandom(process.pid),
    signal: underWay.signal,
    track: underWay.run,
    async onTurn(standing, troubles) {
      const { name } = standing.definition
      const { localTime } = standing.state
      if (localTime !== undefined && !told.has(name)) {
        told.add(name)
        logger.warn({ source: name }, `${name}: ${toldOf(localTime)}`)
      }
      for (const { code, message } of troubles) logger.warn({ source: name, code }, message)
      await judge(monitor, metadata, standing, troubles, clock.now())
    },
    onDefect: (source, { code, message }) => logger.error({ source, code }, message),
  })
  return deskOf(sources, parts, monitor)
}

function deskOf(sources: Sources, { metadata, clock }: SourceParts, monitor: SourceMonitor): SourceDesk {
  const { database } = metadata
  const counted = new Map<string, NonNullable<SourceFacts['volume']>>()
  let judged = clock.now()

  /** A source may have run millions of times: what a stretch brought is counted once it can change no more. */
  async function lastVolume(standing: SourceStanding, now: number): Promise<Pick<SourceFacts, 'volume'>> {
    const { name, volume } = standing.definition
    if (volume === undefined) return {}
    const known = counted.get(name)
    if (known !== undefined && now < known.from + 2 * volume.per) return { volume: known }
    const found = await volumeOf(metadata, standing, volume, now)
    if (found.volume !== undefined && now >= found.volume.from + volume.per + MINUTE) counted.set(name, found.volume)
    return found
  }

  async function act(action: string, source: string, by: Identity, details: object): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      await recordAct(transaction, { by, at: clock.now(), action: `source.${action}`, target: source, ...details })
    })
  }

  return {
    list: () => sources.standings().map((standing) => listingOf(standing, clock.now())),
    listings: () =>
      Promise.all(
        sources.standings().map(async (standing) => ({
          ...listingOf(standing, clock.now()),
          ...(await lastVolume(standing, clock.now())),
        })),
      ),
    runs: (source, limit, before) => sources.runs(source, limit, before),
    run: (source) => sources.run(source),
    async backfill(source, range, by) {
      sources.standing(source)
      await act('backfill', source, by, { after: range })
      return await sources.backfill(source, range)
    },
    async reset(source, by, reason) {
      const { watermark } = sources.standing(source).state
      const standing = await sources.reset(source)
      await act('reset', source, by, { reason, before: { watermark } })
      return listingOf(standing, clock.now())
    },
    async accept(source, by) {
      const { columns, found } = sources.standing(source).state
      const standing = await sources.accept(source)
      await act('accept', source, by, { before: columns, after: found?.columns ?? columns })
      return listingOf(standing, clock.now())
    },
    async advance(now) {
      await sources.advance(now)
      if (now - judged < MINUTE) return
      if (Math.floor(now / DAY) > Math.floor(judged / DAY)) await forgetRuns(metadata, now - RUNS_ARE_KEPT)
      judged = now
      for (const standing of sources.standings()) await judge(monitor, metadata, standing, undefined, now)
    },
    settled: () => sources.settled(),
  }
}

/** @param troubles of the turn that has just ended */
async function judge(
  monitor: SourceMonitor,
  metadata: Metadata,
  standing: SourceStanding,
  troubles: readonly TruelineError[] | undefined,
  now: number,
): Promise<void> {
  const { definition, state, breaker, run } = standing
  const { name, freshness, volume, onSchemaChange } = definition
  const newest = state.newestRowAt ?? state.since
  // What is tried again soon is no trouble yet.
  const message = troubles?.[0]?.message ?? run?.error?.error
  const isFailing = breaker !== 'closed' || (run?.status === 'partial' && message !== undefined)
  const facts: SourceFacts = {
    source: name,
    ...(isFailing ? { failure: { message: message ?? '', failures: state.failures } } : {}),
    ...(state.found === undefined
      ? {}
      : { changes: { words: changeWords(state.found.changes), policy: onSchemaChange } }),
    ...(freshness === undefined || newest === undefined ? {} : { freshness: { newest, promised: freshness } }),
    ...(volume === undefined ? {} : await volumeOf(metadata, standing, volume, now)),
  }
  await monitor.judge(facts, now)
}

/** The last whole stretch since the source was first read. */
async function volumeOf(
  metadata: Metadata,
  { definition, state }: SourceStanding,
  volume: NonNullable<SourceStanding['definition']['volume']>,
  now: number,
): Promise<Pick<SourceFacts, 'volume'>> {
  const from = (Math.floor(now / volume.per) - 1) * volume.per
  if (state.since === undefined || state.since > from) return {}
  const rows = await acceptedBetween(metadata, definition.name, from, from + volume.per)
  return { volume: { ...volume, from, rows } }
}

function toldOf(time: LocalTime): string {
  return `${localTimeWords(time)}; ${localTimeRemedy}`
}

function listingOf({ definition, state, breaker, run, due }: SourceStanding, now: number): SourceListing {
  const { name, into, from, owner, description, schedule, onSchemaChange, freshness, volume } = definition
  const { watermark, newestRowAt, since, failures, columns = {}, found, localTime } = state
  return {
    ...{ name, into, kind: from.kind, breaker, failures, columns, onSchemaChange },
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(watermark === undefined ? {} : { watermark }),
    ...(newestRowAt === undefined ? {} : { newestRowAt, lag: Math.max(0, now - newestRowAt) }),
    ...(since === undefined ? {} : { since }),
    ...(freshness === undefined ? {} : { freshness }),
    ...(volume === undefined ? {} : { volume }),
    ...(due === undefined ? {} : { due: run?.status === 'running' ? Math.max(due, now) : due }),
    ...(found === undefined ? {} : { changes: changeWords(found.changes) }),
    ...(localTime === undefined ? {} : { localTimes: toldOf(localTime) }),
    ...(run === undefined ? {} : { run }),
  }
}
