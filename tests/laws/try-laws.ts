import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { LawReport } from './law.ts'
import { laws } from './registry.ts'

/** Cases of one law whose seeds follow each other. */
export interface Stretch {
  readonly name: string
  readonly cases: number
  readonly seed: number
}

/** Cases of a stretch: which ones are tried does not depend on the number of threads. */
const CASES_AT_ONCE = 1000

/**
 * Tries laws on several threads and gives their reports in the order of their names.
 * @param cases of all laws together: each tries as many, but for those whose cases take long
 */
export async function tryLaws(
  names: readonly string[],
  { cases, seed, threads }: { readonly cases: number; readonly seed: number; readonly threads: number },
): Promise<readonly (readonly [name: string, report: LawReport])[]> {
  const shares = names.reduce((sum, name) => sum + 1 / (laws[name]?.casesForOne ?? 1), 0)
  const stretches = names.flatMap((name) => stretchesOf(name, Math.ceil(cases / shares), seed))
  const reports = new Map<Stretch, LawReport>()
  const left = stretches.values()
  await Promise.all(
    Array.from({ length: Math.min(threads, stretches.length) }, async () => {
      const worker = new Worker(fileURLToPath(new URL('./law-worker.ts', import.meta.url)))
      for (const stretch of left) {
        worker.postMessage(stretch)
        const [report] = (await once(worker, 'message')) as [LawReport]
        reports.set(stretch, report)
      }
      await worker.terminate()
    }),
  )
  return names.map((name) => {
    const own = stretches.filter((stretch) => stretch.name === name)
    return [name, together(own.map((stretch) => reports.get(stretch) as LawReport))]
  })
}

function stretchesOf(name: string, cases: number, seed: number): readonly Stretch[] {
  return Array.from({ length: Math.ceil(cases / CASES_AT_ONCE) }, (_, index) => {
    const first = index * CASES_AT_ONCE
    return { name, cases: Math.min(CASES_AT_ONCE, cases - first), seed: seed + first }
  })
}

function together(reports: readonly LawReport[]): LawReport {
  const [first] = reports as [LawReport]
  const sum = (of: (report: LawReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const cases = sum((report) => report.cases)
  const share = sum((report) => report.non_empty_share * report.cases) / cases
  const failure = reports.find((report) => report.failure !== undefined)?.failure
  return {
    cases,
    mismatches: sum((report) => report.mismatches),
    non_empty_share: Math.round(share * 1000) / 1000,
    seed: first.seed,
    ...(failure === undefined ? {} : { failure }),
  }
}
