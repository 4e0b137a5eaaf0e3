import { allInTurn } from '../../core/all-in-turn.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { formatTime, HOUR } from '../../core/time.ts'
import { judgeStream } from '../../data/quality/judge-stream.ts'
import type { QualityScope, StoredVerdict } from '../../data/quality/verdict-store.ts'
import { columnOrder } from '../../data/sources/column-order.ts'
import type { ImportedRows } from '../../stores/lake/import-staging.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'
import { keepVerdict, type QualityParts, settleAlerts, subjectOf } from './quality.ts'

/**
 * The gates that streams pass: each file of history, what a source imports as history, each run of a source, and each
 * hour of what came live.
 */
export interface QualityGates {
  /** Judges the runs that ended and the hours that are over at `now` (microseconds). */
  watch(now: number): Promise<void>
  /** Judges the rows of a file that was imported; undefined where the stream has no checks, or the file no new rows. */
  judgeImport(stream: string, path: string, imported: ImportedRows): Promise<StoredVerdict | undefined>
  /** Judges rows that a run of a source imported as history. */
  judgeHistory(stream: string, run: string, imported: ImportedRows): Promise<void>
  /** Judges the runs that ended, and leaves the rest to whoever opens the platform next. */
  end(now: number): Promise<void>
}

/** What was judged: each stream up to which offset and with how many refused rows, and runs of sources up to which number. */
interface Judged {
  readonly streams: Record<string, number>
  readonly refused: Record<string, number>
  run: number
}

/** Setting that keeps what was judged. */
const JUDGED = 'quality_judged'

/** Where a batch comes from, for its verdict. */
interface BatchName {
  readonly scope: QualityScope
  readonly batch: string
}

export function createQualityGates(parts: QualityParts): QualityGates {
  const { project, log, lake, metadata, clock } = parts
  const { database } = metadata
  const checked = Object.values(project.streams).filter(({ quality = [] }) => quality.length > 0)
  const sources = Object.values(project.sources ?? {}).filter(({ into }) => checked.some(({ name }) => name === into))
  // That nothing came within an hour says something only of a stream whose rows are pushed: of a source its runs are judged.
  const isPushed = (stream: string): boolean => !sources.some(({ into }) => into === stream)
  // What was mended later came broken all the same.
  const refusedOf = (name: string): number => log.conservation(name).rejected + log.conservation(name).mended
  const refusedAtStart = new Map(checked.map(({ name }) => [name, refusedOf(name)]))
  const start = log.nextOffset
  let hour = Math.floor(clock.now() / HOUR)
  let known: Judged | undefined
  let isSettled = false

  /** What was judged; a stream that is new to it is judged from the start of the platform on. */
  async function judged(): Promise<Judged> {
    if (known !== undefined) return known
    const { streams = {}, refused = {}, run = 0 } = ((await readSetting(database, JUDGED)) ?? {}) as Partial<Judged>
    for (const { name } of checked) {
      streams[name] ??= start
      refused[name] ??= refusedAtStart.get(name)!
    }
    known = { streams, refused, run }
    await writeSetting(database, JUDGED, known)
    return known
  }

  /**
   * Judges what came into a stream since it was judged last, up to an offset, excluded. Where that fails it is judged with what
   * comes after it.
   * @param isWhole whether it is an hour that is over, so that its having no rows is to be judged, too
   * @param besides rows that were refused and are judged apart
   */
  async function judgeSince(
    state: Judged,
    name: string,
    end: number,
    called: BatchName,
    now: number,
    isWhole: boolean,
    besides = 0,
  ): Promise<void> {
    const refused = refusedOf(name) - besides
    const rejected = refused - state.refused[name]!
    const from = state.streams[name]!
    const report = await judgeStream(parts, name, { from, to: end - 1, rejected, now })
    const { quality = [] } = project.streams[name]!
    const isAboutCounts = quality.some(({ check }) => check === 'rowCount' || check === 'freshness')
    if (report.rows + rejected > 0 || (isAboutCounts && isWhole && isPushed(name)))
      await keepVerdict(parts, { ...called, subject: subjectOf(name), rejected, report })
    state.refused[name] = refused
    state.streams[name] = Math.max(from, end)
  }

  async function judgeRuns(state: Judged, now: number): Promise<void> {
    if (sources.length === 0) return
    const names = sources.map(({ name }) => name)
    const runs = await database
      .selectFrom('source_runs')
      .select(['number', 'source', 'accepted', 'rejected'])
      .where('number', '>', state.run)
      .where('source', 'in', names)
      .where('status', '!=', 'running')
      .orderBy('number')
      .execute()
    for (const { number, source, accepted, rejected } of runs) {
      const { into } = sources.find(({ name }) => name === source)!
      const end = log.nextOffset
      const isJudged = state.streams[into]! >= end && state.refused[into]! >= refusedOf(into)
      if (!isJudged && accepted + rejected > 0)
        await judgeSince(state, into, end, { scope: 'source', batch: `${source}, run ${number}` }, now, false)
      state.run = number
    }
    if (runs.length > 0) await writeSetting(database, JUDGED, state)
  }

  async function watch(now: number): Promise<void> {
    // The checks may be others than those of the process before.
    if (!isSettled) await settleAlerts(parts)
    isSettled = true
    if (checked.length === 0) return
    const state = await judged()
    await judgeRuns(state, now)
    if (Math.floor(now / HOUR) <= hour) return
    hour = Math.floor(now / HOUR)
    const end = log.nextOffset
    const batch = `until ${formatTime(hour * HOUR)}`
    const judge = (name: string): Promise<void> => judgeSince(state, name, end, { scope: 'window', batch }, now, true)
    await allInTurn([
      ...checked.map(
        ({ name }) =>
          () =>
            judge(name),
      ),
      () => writeSetting(database, JUDGED, state),
    ])
  }

  /** Judges what was imported into a stream at once. */
  async function judgeImported(
    name: string,
    called: BatchName,
    { accepted, rejected, firstOffset }: ImportedRows,
  ): Promise<StoredVerdict | undefined> {
    if (!checked.some((one) => one.name === name) || accepted + rejected === 0) return undefined
    const now = clock.now()
    const state = await judged()
    // What came live before is a batch of its own; its refused rows are told apart from those that were imported.
    const live = { scope: 'window', batch: `until ${formatTime(now)}` } as const
    if (firstOffset > state.streams[name]!) await judgeSince(state, name, firstOffset, live, now, false, rejected)
    const to = firstOffset + accepted - 1
    const isAboutOrder = project.streams[name]!.quality!.some(
      ({ check }) => check === 'columns' || check === 'columnExists',
    )
    const hasOrder = isAboutOrder && called.scope === 'import'
    const order = hasOrder ? { order: await columnOrder(called.batch, lake.temporaryFolder) } : {}
    const range = { from: firstOffset, to, rejected, now, profile: true }
    const report = await judgeStream(parts, name, { ...range, ...order })
    const verdict = await keepVerdict(parts, { ...called, subject: subjectOf(name), rejected, report })
    state.refused[name] = state.refused[name]! + rejected
    state.streams[name] = Math.max(state.streams[name]!, to + 1)
    await writeSetting(database, JUDGED, state)
    return verdict
  }

  const inTurn = oneAtATime()
  return {
    watch: (now) => inTurn(() => watch(now)),
    judgeImport: (name, path, imported) =>
      inTurn(() => judgeImported(name, { scope: 'import', batch: path }, imported)),
    judgeHistory: (name, run, imported) =>
      inTurn(async () => {
        await judgeImported(name, { scope: 'source', batch: run }, imported)
      }),
    end: (now) =>
      inTurn(async () => {
        if (checked.length > 0) await judgeRuns(await judged(), now)
      }),
  }
}
