import { HOUR } from '../../../core/time.ts'
import { readVersion, readVersionDefinition } from '../../../models/registry/versions.ts'
import { takeRows } from '../../../models/training/segments.ts'
import { classOrder } from '../../../operate/monitoring/class-order.ts'
import { type Canary, looksAt } from '../../../operate/retraining/canary.ts'
import { type CanaryRows, judgeCanary } from '../../../operate/retraining/judge-canary.ts'
import { loadVersion } from '../../../operate/serving/load-version.ts'
import type { DifferenceVerdict } from '../../../stats/intervals/judge-difference.ts'
import { probabilitiesAt } from '../../../stores/log/prediction-codec.ts'
import { outcomesOfRows, type Rescored, rescorer } from '../logged-outcomes.ts'
import type { RetrainingParts } from './retraining-parts.ts'

/**
 * Judges a promoted version by the outcomes of what it was asked, against the version before it on the same rows: their
 * logged vectors are scored again.
 */
export async function judgeServed(parts: RetrainingParts, model: string, canary: Canary): Promise<DifferenceVerdict> {
  const { label, gate, retrain } = parts.project.models[model]!
  const { canary: settings } = retrain.continuous!
  const mature = parts.clock.now() - label.within - label.grace
  const rows = await comparedRows(parts, model, canary, Math.min(mature, canary.since + settings.within))
  return judgeCanary(gate.metric, rows, settings.margin, looksAt(canary))
}

async function comparedRows(
  parts: RetrainingParts,
  model: string,
  { version, previous, since }: Canary,
  until: number,
): Promise<CanaryRows> {
  const { metadata, artifacts, predictions, lake, project } = parts
  const { classes } = project.models[model]!.label
  const before = await readVersion(metadata, model, previous)
  const served = await loadVersion(before, await readVersionDefinition(metadata, before), artifacts)
  const asked = { rows: [] as string[], t: [] as number[] }
  const scores: number[] = []
  const others: number[] = []
  for await (const block of predictions.scan({ model, by: 't', from: since, to: until, open: true })) {
    if (block.layout.version !== version) continue
    const scoreBefore = rescorer(block, served)
    const tell = heldAgainst(block.layout.classes, classes)
    const tellBefore = heldAgainst(served.model.label.classes, classes)
    if (tell === undefined || tellBefore === undefined) continue
    for (let index = 0; index < block.length; index += 1) {
      const t = block.t[index]!
      const score = block.score[index]!
      if (t < since || t >= until || Number.isNaN(score)) continue
      asked.rows.push(block.rows[index]!)
      asked.t.push(t)
      scores.push(...tell({ score, probabilities: probabilitiesAt(block, index) }))
      others.push(...tellBefore(scoreBefore(index)))
    }
  }
  await lake.flush()
  const labels = scores.length === 0 ? new Float64Array(0) : await outcomesOfRows(parts, model, asked)
  const known = Uint32Array.from(labels.keys()).filter((row) => !Number.isNaN(labels[row]!))
  const hours = new Map<number, number>()
  const clusters = known.map((row) => {
    const hour = Math.floor(asked.t[row]! / HOUR)
    if (!hours.has(hour)) hours.set(hour, hours.size)
    return hours.get(hour)!
  })
  return {
    labels: takeRows(labels, known),
    scores: takeRows(Float64Array.from(scores), known, classes?.length),
    previous: takeRows(Float64Array.from(others), known, classes?.length),
    clusters,
  }
}

/**
 * What a version says of a row, as it is held against labels: its score, or the probability of each class that these are numbered by.
 * Undefined where one of them has classes and the other has none.
 */
function heldAgainst(
  own: readonly string[] | undefined,
  numbered: readonly string[] | undefined,
): ((said: Rescored) => Iterable<number>) | undefined {
  if (own === undefined && numbered === undefined) return ({ score }) => [score]
  const inOrder = classOrder(own, numbered)
  return inOrder && (({ probabilities }) => inOrder(probabilities!))
}
