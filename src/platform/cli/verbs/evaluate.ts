import type { Command } from 'commander'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { EvaluationAnswer } from '../../api/evaluation-answers.ts'
import { calibrationLines } from '../calibration-lines.ts'
import { printClasses } from '../class-output.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, progressBar } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface EvaluateOptions {
  readonly from?: string
  readonly to?: string
}

/** Segments that are shown, worst first. */
const MOST_SEGMENTS = 5

/** `evaluate`: how a version did on a stretch of what has happened. */
export const evaluate: Verb = (program: Command) => {
  program
    .command('evaluate <model> <version>')
    .description('how a version does on a stretch of what has happened: metrics with intervals, calibration, segments')
    .option('--from <time>', 'rows from then on; as many before the end as the model is tested on when absent')
    .option('--to <time>', 'rows before then; the newest ones whose outcomes are known when absent')
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf<EvaluateOptions>(command)
      const timeOf = (text: string | undefined) => (text === undefined ? undefined : parseTime(text))
      const bar = progressBar()
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const stretch = { from: timeOf(options.from), to: timeOf(options.to) }
      const input = { model, version: wholeNumber(version, 'version'), ...stretch, onProgress }
      const answer = await callOperation<EvaluationAnswer>('evaluate', input, options).finally(bar.end)
      if (options.json === true) printJson(answer)
      else printEvaluation(answer)
    })
}

function printEvaluation({ model, version, from, to, unlabelled, evaluation }: EvaluationAnswer): void {
  const { rows, metrics, ofClasses, segments } = evaluation
  const count = (value: number): string => value.toLocaleString('en')
  printLine(`${model} v${version} on ${count(rows)} rows from ${formatTime(from)} to ${formatTime(to)}`)
  if (unlabelled > 0) printLine(`  ${count(unlabelled)} more have no outcome`)
  for (const [metric, estimate] of Object.entries(metrics)) {
    const { value, low, high, confidence } = estimate
    printLine(
      `  ${metric.padEnd(12)} ${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)} at ${100 * confidence}%)`,
    )
  }
  for (const line of calibrationLines(evaluation)) printLine(`  ${line}`)
  if (ofClasses !== undefined) printClasses(ofClasses)
  for (const { column, name, rows: own, metrics: values } of segments.slice(0, MOST_SEGMENTS)) {
    const [metric, value] = Object.entries(values)[0] ?? []
    if (metric !== undefined)
      printLine(`  ${column} ${name ?? '(none)'}: ${metric} ${value!.toFixed(4)}, ${count(own)} rows`)
  }
}
