import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { ModelVersion, ModelVersionPage } from '../../api/contract.ts'
import type { ReleaseAnswer, TrainAnswer } from '../../api/training-answers.ts'
import { callOperation } from '../connection.ts'
import { noteOtherDefinitions } from '../note-other-definitions.ts'
import { printJson, printLine, printTable, progressBar } from '../output.ts'
import { printTraining } from '../training-output.ts'
import { namedPerson, optionsOf, type Verb, wholeNumber } from '../verb.ts'
import { whoMay } from '../version-output.ts'
import { addModelsImport } from './models-import.ts'
import { addModelsJudge } from './models-judge.ts'
import { addRegistryCommands, seenPlace } from './models-registry.ts'
import { addSigningCommands } from './models-signing.ts'

/** `train`, `models`, `approve`, `reject`, `retire`, `promote`, `rollback`: from a definition to what serves, and back. */
export const modelVerbs: readonly Verb[] = [train, models, approve, reject, retire, promote, rollback]

function train(program: Command): void {
  program
    .command('train <model>')
    .description('build the training set, train, evaluate against champion and baseline, register a candidate')
    .option('--variant <variant>', "'full', or 'without_windows' for the baseline", 'full')
    .option('--at <time>', 'train on what was known then, such as 2001-02-01; now when absent')
    .option('--no-cache', 'do each step, even where its output is kept')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ variant: string; at?: string; cache: boolean }>(command)
      const { as, variant, cache } = options
      const at = options.at === undefined ? undefined : parseTime(options.at)
      await noteOtherDefinitions(options)
      const bar = progressBar()
      // A function does not travel over HTTP: a running platform trains without a bar here.
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const answer = await callOperation<TrainAnswer>(
        'train',
        { model, as, variant, at, cache, onProgress },
        options,
      ).finally(bar.end)
      if (options.json === true) printJson(answer)
      else printTraining(answer)
      if (answer.gate.verdict !== 'pass') process.exitCode = 1
    })
}

function models(program: Command): void {
  const group = program
    .command('models [model]')
    .description('versions with their evaluation, approval and what serves')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const versions = await callOperation<ModelVersion[]>('models', model === undefined ? {} : { model }, options)
      if (options.json === true) {
        printJson(versions)
        return
      }
      const { logged }: Pick<ModelVersionPage, 'logged'> =
        model === undefined
          ? { logged: [] }
          : await callOperation<ModelVersionPage>('versions', { model, limit: 1 }, options)
      if (versions.length === 0 && logged.length === 0) {
        printLine('No version yet: `trueline train MODEL` makes the first.')
        return
      }
      printTable(
        ['model', 'version', 'digest', 'state', 'serving', 'metric', 'gate', 'author', 'approved by', 'created'],
        [
          ...logged.map(({ version, author, createdAt }) => [
            ...[model, version, undefined, 'logged', undefined, undefined, undefined, author, undefined],
            formatTime(createdAt),
          ]),
          ...versions.map((one) => [
            one.model,
            one.version,
            shortDigest(one.digest),
            one.standing,
            one.serving ? 'serving' : undefined,
            one.metric && `${one.metric.name} ${one.metric.value.toFixed(4)}`,
            one.gate,
            one.loggedBy === undefined ? one.author : `logged by ${one.loggedBy}, imported by ${one.author}`,
            one.approvedBy,
            formatTime(one.createdAt),
          ]),
        ],
      )
      for (const { version } of logged)
        printLine(`next: trueline models import ${model} --version ${version}, which gives it a contract`)
    })
  addRegistryCommands(group)
  addModelsImport(group)
  addModelsJudge(group)
  addSigningCommands(group)
}

function approve(program: Command): void {
  program
    .command('approve <model> <version>')
    .description('approve a version that somebody else trained (--as NAME)')
    .option('--reason <text>', 'why')
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason?: string }>(command)
      const input = {
        model,
        version: wholeNumber(version, 'version'),
        as: namedPerson(command),
        reason: options.reason,
      }
      const answer = await callOperation<ModelVersion>('approve', input, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      printLine(`${model} v${answer.version} is approved by ${input.as}.`)
      const { missing = 0, needed, open } = answer.lacking ?? {}
      if (missing > 0) printLine(`It takes ${missing} more of ${needed}, by ${whoMay(open)}.`)
      else printLine(`next: trueline promote ${model} ${answer.version}`)
    })
}

function reject(program: Command): void {
  against(program, 'reject', 'rejected', 'reject a version (--as NAME)')
}

function retire(program: Command): void {
  against(program, 'retire', 'retired', 'retire a version that does not serve: it never serves again (--as NAME)')
}

/** A decision against a version, which takes a reason. */
function against(program: Command, verb: 'reject' | 'retire', past: string, description: string): void {
  program
    .command(`${verb} <model> <version>`)
    .description(description)
    .requiredOption('--reason <text>', 'why')
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason: string }>(command)
      const input = {
        model,
        version: wholeNumber(version, 'version'),
        as: namedPerson(command),
        reason: options.reason,
      }
      const answer = await callOperation<ModelVersion>(verb, input, options)
      if (options.json === true) printJson(answer)
      else printLine(`${model} v${answer.version} is ${past}: ${options.reason}`)
    })
}

function promote(program: Command): void {
  program
    .command('promote <model> <version>')
    .description('let an approved version serve')
    .option('--reason <text>', 'why')
    .option('--breaking', 'also when callers would break, with a reason that the audit log keeps')
    .option('--expected <version>', "the version that you saw serving, or 'none': refused when another serves by then")
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason?: string; breaking?: boolean; expected?: string }>(command)
      const { as, reason, breaking } = options
      const expected = seenPlace(options.expected)
      const input = { model, version: wholeNumber(version, 'version'), as, reason, breaking, expected }
      printRelease(await callOperation<ReleaseAnswer>('promote', input, options), options.json)
    })
}

function rollback(program: Command): void {
  program
    .command('rollback <model>')
    .description('let the version before serve again')
    .requiredOption('--reason <text>', 'why')
    .option('--expected <version>', 'the version that you saw serving: refused when another serves by then')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason: string; expected?: string }>(command)
      const input = { model, as: options.as, reason: options.reason, expected: seenPlace(options.expected) }
      printRelease(await callOperation<ReleaseAnswer>('rollback', input, options), options.json)
    })
}

function printRelease(answer: ReleaseAnswer, json: boolean | undefined): void {
  if (json === true) {
    printJson(answer)
    return
  }
  const name = `${answer.model} v${answer.version} (${shortDigest(answer.digest)})`
  if (answer.previous === answer.version) printLine(`${name} serves already.`)
  else if (answer.previous === undefined) printLine(`${name} serves, after ${answer.seconds.toFixed(3)} s.`)
  else printLine(`${name} serves instead of v${answer.previous}, after ${answer.seconds.toFixed(3)} s.`)
}
