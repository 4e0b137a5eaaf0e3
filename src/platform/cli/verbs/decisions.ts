import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { type Duration, formatTime, parseDuration } from '../../../core/time.ts'
import type { HandRuleAnswer, OverridePage, PredictionOverrideAnswer } from '../../api/decision-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `decisions`: what people decide in the place of models. */
export const decisions: Verb = (program: Command) => {
  const group = program
    .command('decisions [model]')
    .description('what people decide in the place of models: the rules in force, newest first')
    .option('--all', 'also those that are over or revoked')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<{ all?: boolean }>(command)
      const input = { ...(model === undefined ? {} : { model }), all: options.all ?? false }
      const rules = await callOperation<HandRuleAnswer[]>('decisions', input, options)
      if (options.json === true) printJson(rules)
      else printRules(rules)
    })
  decide(group)
  revoke(group)
  override(group)
  overrides(group)
}

function decide(group: Command): void {
  group
    .command('set <model> <key...>')
    .description('decide for all rows with a key: trueline decisions set late_flight carrier=XX --decision keep')
    .requiredOption('--decision <decision>', 'one that the model names')
    .requiredOption('--reason <text>', 'why')
    .option('--for <duration>', 'how long, such as 12h or 7d; for good when absent')
    .action(async (model: string, key: string[], _options: unknown, command: Command) => {
      const options = optionsOf<{ decision: string; reason: string; for?: string }>(command)
      const { decision, reason, as } = options
      const lasting = options.for === undefined ? {} : { for: parseDuration(options.for as Duration, '--for') }
      const input = { model, key: Object.fromEntries(key.map(assignment)), decision, reason, as, ...lasting }
      const rule = await callOperation<HandRuleAnswer>('decide', input, options)
      if (options.json === true) printJson(rule)
      else printLine(`Rule ${rule.number}: ${keyText(rule)} is '${decision}' from now on${untilText(rule)}.`)
    })
}

function revoke(group: Command): void {
  group
    .command('revoke <number>')
    .description('end a rule by hand')
    .requiredOption('--reason <text>', 'why')
    .action(async (number: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason: string }>(command)
      const input = { number: wholeNumber(number, 'number'), as: options.as, reason: options.reason }
      const rule = await callOperation<HandRuleAnswer>('revokeDecision', input, options)
      if (options.json === true) printJson(rule)
      else printLine(`Rule ${rule.number} is revoked: ${options.reason}`)
    })
}

function override(group: Command): void {
  group
    .command('override <prediction>')
    .description('record that somebody decided otherwise than a prediction did')
    .requiredOption('--decision <decision>', 'one that the model names')
    .requiredOption('--reason <text>', 'why')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ decision: string; reason: string }>(command)
      const { decision, reason, as } = options
      const input = { prediction, decision, reason, as }
      const answer = await callOperation<PredictionOverrideAnswer>('overridePrediction', input, options)
      if (options.json === true) printJson(answer)
      else printLine(`${prediction} is overridden by ${answer.by}: ${decision}`)
    })
}

function overrides(group: Command): void {
  group
    .command('overrides [model]')
    .description('what people decided in the place of predictions, newest first')
    .option('--prediction <id>', 'in the place of one prediction')
    .option('--limit <n>', 'at most so many', '20')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<{ prediction?: string; limit: string }>(command)
      const { prediction } = options
      const input = { model, prediction, limit: wholeNumber(options.limit, '--limit') }
      const answer = await callOperation<OverridePage>('predictionOverrides', input, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      if (answer.overrides.length === 0) printLine('Nobody has decided otherwise than a prediction.')
      else
        printTable(
          ['prediction', 'model', 'decision', 'by', 'at', 'reason'],
          answer.overrides.map((one) => [
            ...[one.prediction, one.model, one.decision, one.by],
            ...[formatTime(one.at), one.reason],
          ]),
        )
      if (answer.next !== null) printLine('There are older ones: ask for more with --limit.')
    })
}

function printRules(rules: readonly HandRuleAnswer[]): void {
  if (rules.length === 0) {
    printLine('Nobody decides in the place of a model: `trueline decisions set MODEL KEY` would.')
    return
  }
  printTable(
    ['rule', 'model', 'key', 'decision', 'state', 'by', 'since', 'until', 'reason'],
    rules.map((rule) => [
      rule.number,
      rule.model,
      keyText(rule),
      rule.decision,
      stateText(rule, rules),
      rule.by,
      formatTime(rule.at),
      rule.until === undefined ? undefined : formatTime(rule.until),
      rule.reason,
    ]),
  )
}

/** Of the rules in force for a key the newest decides. */
function stateText(rule: HandRuleAnswer, rules: readonly HandRuleAnswer[]): string {
  if (rule.state !== 'in_force') return rule.state
  const newer = rules.find(
    (one) =>
      one.state === 'in_force' &&
      one.number > rule.number &&
      one.model === rule.model &&
      keyText(one) === keyText(rule),
  )
  return newer === undefined ? rule.state : `superseded by ${newer.number}`
}

function keyText({ key }: HandRuleAnswer): string {
  return Object.entries(key)
    .map(([column, value]) => `${column}=${value}`)
    .join(' ')
}

function untilText({ until }: HandRuleAnswer): string {
  return until === undefined ? '' : ` until ${formatTime(until)}`
}

function assignment(text: string): [column: string, value: string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new TruelineError('invalid_arguments', `'${text}' does not say a column and its value.`, {
    path: 'key',
    remedy: 'Write each column of the key with its value: customer=C7',
  })
}
