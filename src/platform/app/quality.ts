import { unknownName } from '../../core/unknown-name.ts'
import { judgeStream, type StreamBatch } from '../../data/quality/judge-stream.ts'
import type { ColumnProfile } from '../../data/quality/profile/column-profile.ts'
import { scanStream } from '../../data/quality/scan-stream.ts'
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

/** Keeps a judgement, and opens or resolves the alert about its subject. */
export async function keepVerdict(
  { metadata, desk }: Pick<QualityParts, 'metadata' | 'desk'>,
  verdict: NewVerdict,
): Promise<StoredVerdict> {
  const stored = await recordVerdict(metadata, verdict)
  const subject = { model: stored.subject.replace(/^model\//, ''), kind: 'quality_failed' } as const
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
  } else if (stored.verdict !== 'insufficient') await desk.resolve(subject, 'A later batch passed its checks.')
  return stored
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

/** A page of verdicts, newest first, with the newest one on each subject. */
export async function pageVerdicts(
  { metadata }: Pick<QualityParts, 'metadata'>,
  query: { subject?: string; scope?: string; limit?: number; offset?: number },
): Promise<QualityPage> {
  const { total, verdicts } = await listVerdicts(metadata, { ...query, scope: query.scope as QualityScope | undefined })
  return { total, verdicts: verdicts.map(shown), newest: (await newestVerdicts(metadata)).map(shown) }
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
