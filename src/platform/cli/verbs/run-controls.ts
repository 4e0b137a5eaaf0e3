import process from 'node:process'
import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { formatDuration, formatTime, SECOND } from '../../../core/time.ts'
import type { RunLogAnswer, RunStateAnswer, RunStepsAnswer } from '../../api/run-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { type GlobalOptions, optionsOf } from '../verb.ts'

/** Seconds that one question for more lines waits. */
const WAIT = 10

/** `runs steps`, `runs logs`, `runs cancel`: a training while it goes on, and what it did. */
export function addRunControls(group: Command): void {
  group
    .command('steps <run>')
    .description('the steps of a training: done, cached and from where, running, failed, cancelled')
    .action(async (run: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<RunStepsAnswer>('runSteps', { run }, options)
      if (options.json === true) printJson(answer)
      else printSteps(answer)
    })
  group
    .command('logs <run>')
    .description('what a training says of its steps')
    .option('--follow', 'wait for more until it has ended')
    .action(async (run: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ follow?: boolean }>(command)
      const last = await printLog(run, options.follow === true, options)
      if (options.follow !== true) return
      if (last.status === 'failed') process.exitCode = 1
      if (last.status === 'running') printNote(`${run} was broken off; it goes on with the next trueline up or train.`)
    })
  group
    .command('cancel <run>')
    .description('end a training; nothing of it is registered, and the steps that it has finished are kept')
    .action(async (run: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<RunStateAnswer>('cancelRun', { run, as: options.as }, options)
      if (options.json === true) printJson(answer)
      else printLine(answer.status === 'succeeded' ? `${run} was done before.` : `${run} is cancelled.`)
    })
}

/** Prints lines as they come; with --json one object a line. */
async function printLog(run: string, follows: boolean, options: GlobalOptions): Promise<RunLogAnswer> {
  let after = 0
  for (;;) {
    const page = await callOperation<RunLogAnswer>(
      'runLog',
      { run, after, ...(follows ? { wait: WAIT } : {}) },
      options,
    )
    for (const line of page.lines)
      if (options.json === true) printJson(line)
      else printLine(`${formatTime(line.at)}  ${line.step.padEnd(9)} ${line.text}`)
    after = page.next
    if (page.lines.length === 0 && (!follows || !page.isGoing)) return page
  }
}

function printSteps({ run, model, status, steps, progress, error }: RunStepsAnswer): void {
  printLine(`${run} of ${model}: ${status}${progress === undefined ? '' : `, ${progress.sentence}`}`)
  printTable(
    ['step', 'status', 'took', 'key', 'output', 'from'],
    steps.map(({ step, status: state, startedAt, finishedAt, key, files, from }) => [
      ...[step, state, finishedAt === undefined ? undefined : tookText(finishedAt - startedAt)],
      key === undefined ? undefined : shortDigest(key),
      Object.entries(files)
        .map(([name, { digest }]) => `${name} ${shortDigest(digest)}`)
        .join(', ') || undefined,
      from === undefined ? undefined : `${from.run}, ${formatTime(from.at)}`,
    ]),
  )
  if (error !== undefined) printLine(`${error.code}: ${error.message}`)
}

function tookText(microseconds: number): string {
  return microseconds < SECOND
    ? `${Math.round(microseconds / 1000)}ms`
    : formatDuration(Math.round(microseconds / SECOND) * SECOND)
}
