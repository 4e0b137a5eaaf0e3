import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { describeKey } from '../../../core/key.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { ExplanationAnswer } from '../../api/explanation-answers.ts'
import type { AuditAnswer, ReplayAnswer, TraceAnswer } from '../../api/truth-answers.ts'
import { classWords } from '../class-words.ts'
import { callOperation } from '../connection.ts'
import { movedHeading, printExplanation, reasonWords, signed } from '../explanation.ts'
import { printJson, printLine, printNote, printTable, rowText } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'
import { printAudit } from './features.ts'

/** `trace`, `explain`, `replay`: what was served, from what, and whether it holds. */
export const truthVerbs: readonly Verb[] = [trace, explain, replay]

function trace(program: Command): void {
  program
    .command('trace <prediction>')
    .description('a prediction back to its model, its features and their events')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<TraceAnswer>('trace', { prediction }, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      const { prediction: one, run } = answer
      printLine(
        `${one.id}: ${one.model} v${one.version} (${shortDigest(one.digest)}) gave ${one.score.toFixed(6)}${one.decision === undefined ? '' : `, ${one.decision}`} at ${formatTime(one.servedAt)} for t ${formatTime(one.t)}`,
      )
      if (one.probabilities !== undefined) printLine(`classes: ${classWords(one.probabilities)}`)
      if (one.raw !== undefined) printLine(`calibrated from ${one.raw.toFixed(6)}`)
      if (one.decidedBy !== undefined) printLine(`decided by ${one.decidedBy}, not by the score`)
      for (const { decision, by, at, reason } of answer.overrides ?? [])
        printLine(`overridden at ${formatTime(at)} by ${by}: ${decision} (${reason})`)
      if (run !== undefined) printRun(run)
      printReasons(answer)
      printLine(`row: ${rowText(one.row, one.times)}`)
      printLine(
        `cut: ${answer.cut.map((cut) => `${cut.group} ${cut.generation}/${cut.partition}@${cut.offset}`).join(', ')}`,
      )
      const contributions = contributionsOf(answer.explanation)
      printTable(
        ['feature', 'value', 'status', movedHeading(answer.explanation), 'events', 'newest event'],
        answer.features.map((feature) => [
          feature.name,
          feature.value === null ? undefined : String(feature.value),
          feature.status,
          contributions.get(feature.name),
          feature.events?.total,
          newestEvent(feature.events),
        ]),
      )
    })
}

/** What each input moved the score by, by its name; none where it is not explained. */
function contributionsOf(explanation: ExplanationAnswer): ReadonlyMap<string, string> {
  if ('error' in explanation) return new Map()
  return new Map(explanation.contributions.map(({ feature, contribution }) => [feature, signed(contribution)]))
}

/** The reasons of an adverse decision, and why a score is not explained if it is not. */
function printReasons({ adverse = [], explanation }: TraceAnswer): void {
  for (const reason of adverse) printLine(`because ${reasonWords(reason)}`)
  if ('error' in explanation) printLine(`not explained (${explanation.code}): ${explanation.error}`)
}

function explain(program: Command): void {
  program
    .command('explain <prediction>')
    .description('what each feature moved the score of a prediction by, the most important first')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<TraceAnswer>('trace', { prediction }, options)
      const { explanation, adverse } = answer
      if ('error' in explanation) process.exitCode = 1
      if (options.json === true) {
        printJson({ prediction, ...(adverse === undefined ? {} : { adverse }), explanation })
        return
      }
      const { id, model, version, score, decision } = answer.prediction
      printLine(`${id}: ${model} v${version} gave ${score.toFixed(6)}${decision === undefined ? '' : `, ${decision}`}`)
      for (const reason of adverse ?? []) printLine(`  because ${reasonWords(reason)}`)
      printExplanation(explanation)
    })
}

/** Who made the version, from what; of one from elsewhere that is not known. */
function printRun({ id, dataset, author, imported }: NonNullable<TraceAnswer['run']>): void {
  if (imported === undefined) {
    printLine(`trained by ${author} in run ${id} on dataset ${shortDigest(dataset)}`)
    return
  }
  const { from, logged } = imported
  const inRun = logged?.run === undefined ? '' : ` in MLflow run ${logged.run}`
  if (logged === undefined) printLine(`imported by ${author} from file ${from}`)
  else printLine(`logged by ${logged.by}${inRun}, imported by ${author} from ${from}`)
  printLine(`judged on dataset ${shortDigest(dataset)} in run ${id}; what it learnt from is not known`)
}

function newestEvent(events: TraceAnswer['features'][number]['events']): string | undefined {
  const [newest] = events?.newest ?? []
  if (newest === undefined) return undefined
  const revision = newest.revision === 0 ? '' : ` revision ${newest.revision}`
  return `${describeKey(newest.id)}${revision} @${newest.offset}`
}

function replay(program: Command): void {
  program
    .command('replay [prediction]')
    .description('make a prediction again from the log and the registry, and compare; or all of a range')
    .option('--model <model>', 'without a prediction: those of one model')
    .option('--from <time>', 'without a prediction: those answered at this time or later')
    .option('--to <time>', 'without a prediction: those answered before this time')
    .action(async (prediction: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<ReplayRange>(command)
      if (prediction === undefined) return await replayRange(options)
      const answer = await callOperation<ReplayAnswer>('replay', { prediction }, options)
      if (options.json === true) printJson(answer)
      else printReplay(answer)
      if (!answer.same) process.exitCode = 1
    })
}

interface ReplayRange {
  readonly model?: string
  readonly from?: string
  readonly to?: string
}

/** Makes the predictions of a range again, as an audit does. */
async function replayRange(options: ReplayRange & GlobalOptions): Promise<void> {
  const { model, from, to } = options
  const input = {
    ...(model === undefined ? {} : { model }),
    ...(from === undefined ? {} : { from: parseTime(from) }),
    ...(to === undefined ? {} : { to: parseTime(to) }),
  }
  const audit = await callOperation<AuditAnswer>('audit', input, options)
  if (options.json === true) printJson(audit)
  else {
    printAudit(audit)
    const { infer, loadtest } = audit.left_out
    if (infer + loadtest > 0)
      printNote(`Left out: ${infer} that came by the inference protocol, ${loadtest} of load tests.`)
  }
  if (audit.mismatches > 0) process.exitCode = 1
}

function printReplay({ id, same, served, replayed, unverifiable, differences }: ReplayAnswer): void {
  if (replayed === undefined) printLine(`${id}: served ${served.score}; its score cannot be made again`)
  else if (same)
    printLine(
      `${id}: the same to the bit: ${replayed.score}${replayed.decision === undefined ? '' : `, ${replayed.decision}`}`,
    )
  else printLine(`${id}: served ${served.score}, replayed ${replayed.score}`)
  for (const one of differences)
    printLine(
      `  ${one.feature}: served ${one.served.value} (${one.served.status}), replayed ${one.replayed.value} (${one.replayed.status})`,
    )
  if (unverifiable !== undefined)
    printLine(`  not made again, because what they are made from is masked: ${unverifiable.features.join(', ')}`)
}
