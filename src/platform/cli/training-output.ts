import { shortDigest } from '../../core/digest.ts'
import type { TrainAnswer } from '../api/training-answers.ts'
import { printLine } from './output.ts'
import { neverApproved } from './version-output.ts'

/**
 * What came of a training, or of a model from elsewhere, with the next command.
 * @param byOrder whether the inputs of the file were matched by their order
 */
export function printTraining(answer: TrainAnswer, byOrder = false): void {
  const { run, model, version, digest, isNew, baseline, dataset, metrics, gate, imported, cached = {} } = answer
  if (baseline !== undefined) printLine(`${model} v${baseline} is the baseline: the same model without windows.`)
  const [train, validate, test] = [dataset.parts.train, dataset.parts.validate, dataset.parts.test].map((rows) =>
    rows.toLocaleString('en'),
  )
  const made =
    imported === undefined
      ? `trained on ${train} rows, validated on ${validate}, judged on ${test}`
      : `of ${imported.writtenBy} (${imported.objective}), judged on ${test} rows`
  const known = isNew ? '' : ': the same model as before, bit for bit'
  printLine(`${model} v${version} (${shortDigest(digest)}) of ${run}, ${made}${known}`)
  for (const [metric, value] of Object.entries(metrics)) printLine(`  ${metric.padEnd(12)} ${value.toFixed(4)}`)
  for (const run of new Set(Object.values(cached)))
    printLine(
      `not done again, as nothing that goes into it changed since ${run}: ${Object.keys(cached)
        .filter((step) => cached[step] === run)
        .join(', ')}`,
    )
  for (const line of matchedLines(imported?.matched, byOrder)) printLine(`  ${line}`)
  printLine(`gate: ${gate.verdict}. ${gate.sentence}`)
  if (gate.before !== undefined) {
    printLine(`  The gate has changed since v${version} was judged: this is by the gate as it is now, and counts.`)
    printLine(`  By the gate as it was: ${gate.before.verdict}. ${gate.before.sentence}`)
  }
  if (!isNew) return
  if (answer.deadlock !== undefined) {
    printLine(neverApproved(answer.deadlock))
    return
  }
  const approve = `next: trueline approve ${model} ${version} --as SOMEBODY_ELSE`
  if (gate.verdict === 'pass') printLine(approve)
  if (gate.verdict === 'insufficient') printLine(`${approve} --reason WHY, if you know more than the gate does`)
}

/** What the inputs of a file were taken for: all of them by order, and by name those that are called otherwise here. */
export function matchedLines(
  matched: NonNullable<TrainAnswer['imported']>['matched'] = [],
  byOrder: boolean,
): readonly string[] {
  const placed = matched.map((one, place) => ({ ...one, place }))
  const told = byOrder ? placed : placed.filter(({ written, input }) => written !== input)
  if (told.length === 0) return []
  const title = byOrder ? 'inputs, by their order:' : 'inputs that the file names otherwise:'
  return [
    title,
    ...told.map(
      ({ place, written, input }) => `  ${place}  ${written === undefined ? '' : `${written} is taken for `}${input}`,
    ),
  ]
}
