import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { formatTime } from '../../../core/time.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { ContractAnswer, ContractDiffAnswer, ContractTestsAnswer } from '../../api/model-contract-answers.ts'
import { callOperation } from '../connection.ts'
import { contractTestFiles } from '../contract-test-files.ts'
import { directoryOf } from '../directory.ts'
import { type Cell, printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `contract`: what a version takes and gives, what differs between two, and tests for those who call it. */
export const contract: Verb = (program: Command) => {
  const group = program.command('contract').description('what a model takes and gives: show it, compare, make tests')
  group
    .command('show <model>')
    .description('columns, inputs and answers of the version that serves, or of MODEL@VERSION')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<ContractAnswer>('contract', versionOf(model), options)
      if (options.json === true) printJson(answer)
      else printContract(answer)
    })
  group
    .command('diff <model> <from> <to>')
    .description('what differs between the contracts of two versions, and whom it would break')
    .action(async (model: string, from: string, to: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const input = { model, from: wholeNumber(from, 'from'), to: wholeNumber(to, 'to') }
      const answer = await callOperation<ContractDiffAnswer>('contractDiff', input, options)
      if (options.json === true) printJson(answer)
      else printDiff(answer)
      if (!answer.compatible) process.exitCode = 1
    })
  group
    .command('tests <model>')
    .description('rows with what becomes of each, and files that try them against a running platform')
    .option('--out <folder>', 'write MODEL.contract.json with a test for node and one for pytest there')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ out?: string }>(command)
      const answer = await callOperation<ContractTestsAnswer>('contractTests', versionOf(model), options)
      if (options.out === undefined) {
        printJson(answer)
        return
      }
      await mkdir(options.out, { recursive: true })
      const files = contractTestFiles(answer)
      for (const [name, text] of Object.entries(files)) await writeFile(join(options.out, name), text)
      if (options.json === true) printJson({ files: Object.keys(files), cases: answer.cases.length })
      else {
        printLine(`${answer.cases.length} cases of ${answer.model} v${answer.version} in ${options.out}:`)
        for (const name of Object.keys(files)) printLine(`  ${name}`)
        const { url = 'http://127.0.0.1:7700' } = (await readOwner(directoryOf(options))) ?? {}
        printLine(`next: TRUELINE_URL=${url} node --test '${join(options.out, '*.test.ts')}'`)
        printLine(`or:   TRUELINE_URL=${url} pytest ${options.out}`)
      }
    })
}

/** `late_flight` or `late_flight@3`. */
function versionOf(text: string): { readonly model: string; readonly version?: number } {
  const at = text.lastIndexOf('@')
  if (at === -1) return { model: text }
  return { model: text.slice(0, at), version: wholeNumber(text.slice(at + 1), 'version') }
}

function printContract({ model, version, serving, digest, contract, consumers }: ContractAnswer): void {
  const { request, inputs, response } = contract
  printLine(`${model} v${version}${serving ? ', which serves' : ''}: contract ${shortDigest(digest)}`)
  printLine()
  printTable(
    ['column', 'type', 'takes', 'without a value', ''],
    Object.entries(request.columns).map(([name, column]): Cell[] => [
      name,
      column.scale === undefined ? column.type : `${column.type}(${column.scale})`,
      domainOf(column),
      { refuse: 'refused', null: 'null', default: formatTime(column.default ?? 0) }[column.missing],
      name === request.time ? 'the time of the question' : column.used ? 'read' : 'kept',
    ]),
  )
  printLine()
  const { kind, min, max } = response.score
  printLine(`score: a ${kind}${min === undefined ? '' : ` from ${min} to ${max}`}`)
  if (response.classes !== undefined)
    printLine(`classes: ${response.classes.join(', ')}; the score is that of the likeliest`)
  if (response.decisions.length > 0) printLine(`decisions: ${response.decisions.join(', ')}`)
  if (response.reasons !== undefined) printLine(`codes that say why: ${response.reasons.join(', ')}`)
  if (response.fallback !== undefined) printLine(`decision of a refused row: ${response.fallback}`)
  printLine(`a row is refused with one of: ${response.errors.join(', ')}`)
  printLine(`inputs of the vector: ${inputs.map(({ name, type }) => `${name} ${type}`).join(', ')}`)
  for (const { name, owner, by, uses, decisions } of consumers) {
    const who = owner === undefined ? '' : ` (${owner})`
    const sends = uses === undefined ? 'any columns' : uses.join(', ')
    const knows = decisions === undefined ? '' : `; knows ${decisions.join(', ')}`
    printLine(`consumer ${name}${who}, by ${by}: sends ${sends}${knows}`)
  }
}

function domainOf({
  min,
  max,
  maxLength,
  oneOf,
  unknown,
}: ContractAnswer['contract']['request']['columns'][string]): Cell {
  const parts = [
    ...(min === undefined ? [] : [`from ${min}`]),
    ...(max === undefined ? [] : [`to ${max}`]),
    ...(maxLength === undefined ? [] : [`up to ${maxLength} characters`]),
    ...(oneOf === undefined ? [] : [oneOf.join(' | ')]),
    ...(unknown === undefined ? [] : ['others become null']),
  ]
  return parts.length === 0 ? undefined : parts.join(' ')
}

function printDiff({ sentence, changes, breaches }: ContractDiffAnswer): void {
  printLine(sentence)
  if (changes.length + breaches.length === 0) return
  printLine()
  const breachOf = (part: string, name: string) => breaches.filter((one) => one.part === part && one.name === name)
  const consumersOf = (found: typeof breaches) => found.flatMap(({ consumers }) => consumers).join(', ') || undefined
  const others = breaches.filter(({ part, name }) => !changes.some((one) => one.part === part && one.name === name))
  printTable(
    ['part', 'name', 'change', 'breaks', 'consumers'],
    [
      ...changes.map(({ part, name, sentence: what, breaking }): Cell[] => {
        const found = breachOf(part, name)
        const breaks = found.length > 0 ? 'yes' : breaking ? 'who brings vectors' : 'no'
        return [part, name, what, breaks, consumersOf(found)]
      }),
      ...others.map((one): Cell[] => [one.part, one.name, one.sentence, 'yes', consumersOf([one])]),
    ],
  )
}
