import { digestOfJson } from '../../core/digest.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { refusalWords } from './judge-stream.ts'
import type { CheckResult } from './quality-run.ts'
import { checkWords } from './registry.ts'
import { listVerdicts, type QualityScope, type StoredVerdict } from './verdict-store.ts'

/** A check of a stream that failed, and that no newer verdict says to hold. */
export interface StandingFailure {
  readonly verdict: StoredVerdict
  /** What became of the check. */
  readonly result: CheckResult
}

/** Gates that batches pass as they come; what people ask for besides clears a failure, and is none of a batch. */
export const batchScopes: readonly QualityScope[] = ['window', 'source', 'import']

const PAGE = 50

/**
 * The newest failure of a stream that stands: of a check that is in force as it was judged, and that no newer verdict says
 * to hold. A check that was changed, made a warning or removed fails nothing; a verdict that cannot tell clears nothing.
 * @param stream the stream as the project has it now; undefined where it has none: then nothing stands
 * @param failing the gates whose failures count; those of all of them unless given
 */
export async function standingFailure(
  metadata: Metadata,
  subject: string,
  stream: Pick<StreamDefinition, 'quality' | 'rejectBudget'> | undefined,
  failing?: readonly QualityScope[],
): Promise<StandingFailure | undefined> {
  if (stream === undefined) return undefined
  const names = namesInForce(stream)
  const refusals = refusalWords(stream)
  /** Checks of which nothing was told yet. */
  const open = new Set(names.values())
  for (let offset = 0; open.size > 0; offset += PAGE) {
    const { verdicts } = await listVerdicts(metadata, { subject, decided: true, limit: PAGE, offset })
    for (const verdict of verdicts) {
      const counts = failing?.includes(verdict.scope) ?? true
      for (const result of verdict.results) {
        const check = names.get(nameOf(result))
        if (check === undefined || !open.has(check)) continue
        if (result.verdict === 'fail' && counts) return { verdict, result }
        if (result.verdict === 'pass') open.delete(check)
      }
      // Of a batch none of whose rows was refused no result says so.
      if (verdict.rejected === 0 && batchScopes.includes(verdict.scope)) open.delete(refusals)
    }
    if (verdicts.length < PAGE) break
  }
  return undefined
}

/** How results name the checks that can fail a batch now -> the check. */
function namesInForce({ quality = [], rejectBudget }: Pick<StreamDefinition, 'quality' | 'rejectBudget'>) {
  const names = new Map<string, string>()
  for (const check of quality) {
    if (check.severity === 'warn') continue
    const digest = digestOfJson(check)
    names.set(digest, digest)
    names.set(`${check.severity} ${checkWords(check)}`, digest)
  }
  const refusals = refusalWords({ rejectBudget })
  return names.set(`fail ${refusals}`, refusals)
}

/** Results that were kept before they had digests are told by their words. */
function nameOf({ digest, severity, check }: CheckResult): string {
  return digest ?? `${severity} ${check}`
}
