import { unknownName } from '../../core/unknown-name.ts'
import { judgeStream, type StreamBatch } from '../../data/quality/judge-stream.ts'
import type { ColumnProfile } from '../../data/quality/profile/column-profile.ts'
import { scanStream } from '../../data/quality/scan-stream.ts'
import { standingFailure } from '../../data/quality/standing-failure.ts'
import { type Suggestion, suggestChecks } from '../../data/quality/suggest/suggest-checks.ts'
import {
  listVerdicts,
  type NewVerdict,
  newestVerdicts,
  type QualityScope,
  readProfile,
  recordProfile,
  recordVerdict,
  type StoredVerdict,
} from '../../data/quality/verdict-store.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { QualityPage, StreamQuality } from '../api/contract.ts'
import type { Parts } from './assemble-platform.ts'

export type QualityParts = Pick<Parts, 'project' | 'lake' | 'log' | 'metadata' | 'clock' | 'desk'>

type KeptParts = Pick<QualityParts, 'project' | 'metadata' | 'desk'>

/** Keeps a judgement, and opens the alert about its subject, or resolves it where no failure stands any more. */
export async function keepVerdict(parts: KeptParts, verdict: NewVerdict): Promise<StoredVerdict> {
  const { metadata, desk } = parts
  const stored = await recordVerdict(metadata, verdict)
  const subject = alertSubject(stored.subject)
  if (stored.verdict === 'fail') {
    const breaches = stored.results.filter((result) => result.verdict === 'fail')
    const others = breaches.length > 1 ? ` ${breaches.length - 1} more checks failed.` : ''
    await desk.raise({
      ...subject,
      title: `${stored.subject}, ${stored.batch}: ${breaches[0]!.sentence}${others}`,
      evidence: { verdict: stored.id, scope: stored.scope },
      effect: { failed: breaches.map(({ check }) => check), rejected: stored.rejected },
      n: stored.rows,
    })
  } else if (stored.verdict !== 'insufficient' && (await failureOn(parts, stored)) === undefined)
    await desk.resolve(subject, 'A later batch passed its checks.')
  return stored
}

/** Resolves the alerts about streams of which no failure stands, because the checks that failed are in force no more. */
export async function settleAlerts({ project, metadata, desk }: KeptParts): Promise<void> {
  for (const [name, stream] of Object.entries(project.streams))
    if ((await standingFailure(metadata, subjectOf(name), stream)) === undefined)
      await desk.resolve(alertSubject(subjectOf(name)), 'The checks that failed are in force no more.')
}

function alertSubject(subject: string) {
  return { model: subject.replace(/^model\//, ''), kind: 'quality_failed' } as const
}

/** The failure that stands on a subject whose newest verdict is given; of models and features the newest verdict alone tells. */
export async function failureOn(
  { project, metadata }: Omit<KeptParts, 'desk'>,
  newest: StoredVerdict,
): Promise<StoredVerdict | undefined> {
  const [kind, name] = newest.subject.split('/') as [string, string]
  if (kind === 'stream') return (await standingFailure(metadata, newest.subject, project.streams[name]))?.verdict
  return newest.verdict === 'fail' ? newest : undefined
}

/** Judges and profiles all rows of a stream now. */
export async function profileStream(parts: QualityParts, name: string): Promise<StreamQuality> {
  const { quality = [] } = streamNamed(parts, name)
  const { log, clock, metadata } = parts
  const batch: StreamBatch = { from: 0, to: log.nextOffset - 1, rejected: 0, now: clock.now(), profile: true }
  const report = await judgeStream(parts, name, batch)
  // Without checks there is nothing to judge.
  if (quality.length === 0) await recordProfile(metadata, subjectOf(name), report)
  else await keepVerdict(parts, { scope: 'asked', subject: subjectOf(name), batch: 'all rows', report })
  return await streamQuality(parts, name, {})
}

/** Share of a stream's offsets that checks are learnt from; they are tried on those that came later. */
const LEARNT = 0.6

/** Proposes checks from the earlier rows of a stream, and tries them on its later ones. */
export async function suggestForStream(
  parts: QualityParts,
  name: string,
  options: { readonly distributions?: boolean },
): Promise<Suggestion> {
  const stream = streamNamed(parts, name)
  const { log, lake, clock } = parts
  await log.drained()
  const files = lake.files(name)
  const first = files[0]?.firstOffset ?? 0
  const last = Math.max(log.nextOffset - 1, files.at(-1)?.lastOffset ?? 0)
  const cut = first + Math.floor(LEARNT * (last - first))
  const rows = {
    learn: () => scanStream(parts, stream, first, cut),
    tryOn: () => scanStream(parts, stream, cut + 1, last),
  }
  return await suggestChecks(stream.schema, rows, clock.now(), options)
}

/** A page of verdicts, newest first, with the newest one on each subject and the failures that stand. */
export async function pageVerdicts(
  { project, metadata }: Omit<KeptParts, 'desk'>,
  query: { subject?: string; scope?: string; limit?: number; offset?: number },
): Promise<QualityPage> {
  const { total, verdicts } = await listVerdicts(metadata, { ...query, scope: query.scope as QualityScope | undefined })
  const newest = await newestVerdicts(metadata)
  const standing: StoredVerdict[] = []
  for (const one of newest) {
    const failure = await failureOn({ project, metadata }, one)
    if (failure !== undefined) standing.push(failure)
  }
  return { total, verdicts: verdicts.map(shown), newest: newest.map(shown), standing: standing.map(shown) }
}

/** What is known of a stream's rows: its last verdicts and a page of its columns. */
export async function streamQuality(
  parts: Pick<QualityParts, 'project' | 'metadata'>,
  name: string,
  { limit = 20, offset = 0 }: { limit?: number; offset?: number },
): Promise<StreamQuality> {
  const { quality = [] } = streamNamed(parts, name)
  const { verdicts } = await listVerdicts(parts.metadata, { subject: subjectOf(name), limit: 48 })
  const profile = await readProfile(parts.metadata, subjectOf(name))
  return {
    stream: name,
    sentence: sentenceOf(name, quality.length, verdicts[0]),
    checks: quality.length,
    verdicts: verdicts.map(shown),
    ...(profile === undefined
      ? {}
      : {
          profile: {
            at: profile.at,
            rows: profile.rows,
            total: profile.columns.length,
            offset,
            columns: profile.columns.slice(offset, offset + limit).map(plainColumn),
          },
        }),
  }
}

function sentenceOf(name: string, checks: number, newest: StoredVerdict | undefined): string {
  if (newest === undefined)
    return checks === 0
      ? `${name} has no checks beyond its schema.`
      : `No batch of ${name} was judged by its checks yet.`
  const { verdict, rows, rejected, batch, results } = newest
  const count = `${rows.toLocaleString('en-US')} rows${rejected === 0 ? '' : `, ${rejected.toLocaleString('en-US')} refused`}`
  const told = results.filter((result) => result.verdict === verdict)
  if (verdict === 'pass')
    return `${name} is as its ${results.length === 1 ? 'check demands' : `${results.length} checks demand`}: ${batch}, ${count}.`
  const what = { fail: 'failed', warn: 'warns', insufficient: 'cannot be judged' }[verdict]
  return `${name} ${what} in ${told.length} of ${results.length} checks: ${batch}, ${count}. ${told[0]?.sentence ?? ''}`
}

function streamNamed({ project }: Pick<QualityParts, 'project'>, name: string): StreamDefinition {
  const stream = project.streams[name]
  if (stream === undefined) throw unknownName('unknown_stream', 'stream', name, Object.keys(project.streams))
  return stream
}

/** How verdicts name a stream. */
export function subjectOf(stream: string): string {
  return `stream/${stream}`
}

/** A verdict as the API shows it. */
export function shown({ results, ...verdict }: StoredVerdict): QualityPage['verdicts'][number] {
  return {
    ...verdict,
    results: results.map(({ examples, interval, ...result }) => ({
      ...result,
      ...(examples === undefined ? {} : { examples: [...examples] }),
      ...(interval === undefined ? {} : { interval: { ...interval } }),
    })),
  }
}

/** The same data, as the contract has it: lists that may be written to. */
function plainColumn(column: ColumnProfile): NonNullable<StreamQuality['profile']>['columns'][number] {
  return structuredClone(column) as NonNullable<StreamQuality['profile']>['columns'][number]
}
