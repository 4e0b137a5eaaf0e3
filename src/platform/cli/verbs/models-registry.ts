import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type {
  AliasAnswer,
  AliasPage,
  RegisteredModelPage,
  ServedAnswer,
  VersionAnswer,
} from '../../api/registry-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'
import { approvalsLine, printVersion } from '../version-output.ts'

/** `models list`, `show`, `served`, `history`, `aliases` and `alias`: what the registry has on record. */
export function addRegistryCommands(models: Command): void {
  list(models)
  show(models)
  served(models)
  history(models)
  aliases(models)
  alias(models)
}

function list(models: Command): void {
  models
    .command('list')
    .description('every registered name, those of the project among them')
    .option('--filter <filter>', "such as \"name ILIKE 'late%' AND tags.team = 'ops'\"")
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ filter?: string }>(command)
      const answer = await callOperation<RegisteredModelPage>('registeredModels', { filter: options.filter }, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      printTable(
        ['model', 'versions up to', 'aliases', 'policy', 'changed', 'description'],
        answer.models.map((one) => [
          one.name,
          one.newest ?? undefined,
          Object.entries(one.aliases)
            .map(([name, version]) => `${name}=${version}`)
            .join(' ') || undefined,
          one.governed ? "the project's" : 'none',
          formatTime(one.updatedAt),
          one.description.split('\n')[0] || undefined,
        ]),
      )
      if (answer.next !== null) printLine('There are more: ask for some with --filter.')
    })
}

function show(models: Command): void {
  models
    .command('show <model> <version>')
    .description('contract, evaluation, card and approvals of a version, and who is missing')
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const input = { model, version: wholeNumber(version, 'version') }
      const answer = await callOperation<VersionAnswer>('version', input, options)
      if (options.json === true) printJson(answer)
      else printVersion(answer)
    })
}

function served(models: Command): void {
  models
    .command('served <model>')
    .description('what served at a time, and who approved it')
    .option('--at <time>', 'such as 2001-02-01T12:00:00Z; now when absent')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ at?: string }>(command)
      const at = options.at === undefined ? undefined : parseTime(options.at)
      const answer = await callOperation<ServedAnswer>('served', { model, at }, options)
      if (options.json === true) printJson(answer)
      else printServed(answer)
    })
}

function printServed({ model, at, served: found }: ServedAnswer): void {
  if (found === null) {
    printLine(`Nothing of ${model} served at ${formatTime(at)}.`)
    return
  }
  const { version, digest, from, until, change, by, reason, author, loggedBy, approvals } = found
  const end = until === null ? 'and still does' : `until ${formatTime(until)}`
  printLine(`${model} v${version} (${digest}) served at ${formatTime(at)}: from ${formatTime(from)}, ${end}.`)
  const why = reason === null ? '' : `: ${reason}`
  printLine(`  ${change === 'promote' ? 'promoted' : 'brought back by a rollback'} by ${by}${why}`)
  printLine(`  ${loggedBy === undefined ? 'made' : `logged by ${loggedBy}, imported`} by ${author}`)
  for (const one of approvals) printLine(`  ${approvalsLine(one)}`)
}

function history(models: Command): void {
  models
    .command('history <model>')
    .description('where an alias stood, newest first: champion, which is what served, unless told')
    .option('--alias <alias>', 'another alias')
    .option('--limit <number>', 'most changes', '20')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ alias?: string; limit: string }>(command)
      const input = { model, alias: options.alias, limit: wholeNumber(options.limit, '--limit') }
      const answer = await callOperation<AliasPage>('aliasHistory', input, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      if (answer.changes.length === 0) printLine(`'${options.alias ?? 'champion'}' of ${model} never stood anywhere.`)
      else printAliases(answer.changes)
      if (answer.next !== null) printLine('There are older ones: ask for more with --limit.')
    })
}

function aliases(models: Command): void {
  models
    .command('aliases <model>')
    .description('where the aliases of a model stand')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<readonly AliasAnswer[]>('aliases', { model }, options)
      if (options.json === true) printJson(answer)
      else if (answer.length === 0) printLine(`No alias of ${model} stands anywhere.`)
      else printAliases(answer)
    })
}

function printAliases(changes: readonly AliasAnswer[]): void {
  printTable(
    ['alias', 'version', 'from', 'by', 'reason'],
    changes.map(({ alias: name, version, from, by, reason, change }) => [
      name,
      version ?? 'taken away',
      formatTime(from),
      by,
      [change === 'rollback' ? 'rollback' : '', reason ?? ''].filter((part) => part !== '').join(': ') || undefined,
    ]),
  )
}

function alias(models: Command): void {
  models
    .command('alias <model> <alias> <version>')
    .description("let an alias stand for a version, or for 'none'")
    .option('--expected <version>', "the version that you saw it at, or 'none'; a protected alias needs it to move")
    .option('--reason <text>', 'why')
    .action(async (model: string, name: string, version: string, _options: unknown, command: Command) => {
      const { as, reason, expected, ...options } = optionsOf<{ expected?: string; reason?: string }>(command)
      const input = {
        model,
        alias: name,
        version: place(version, 'version'),
        as,
        reason,
        expected: seenPlace(expected),
      }
      const answer = await callOperation<AliasAnswer>('moveAlias', input, { ...options, as })
      if (options.json === true) printJson(answer)
      else if (answer.version === null) printLine(`'${name}' of ${model} stands nowhere now.`)
      else printLine(`'${name}' of ${model} stands for version ${answer.version}.`)
    })
}

/** What somebody saw, by an option: a version, or `none`. */
export function seenPlace(text: string | undefined): number | null | undefined {
  return text === undefined ? undefined : place(text, '--expected')
}

function place(text: string, what: string): number | null {
  if (text === 'none') return null
  const version = wholeNumber(text, what)
  if (version > 0) return version
  throw new TruelineError('invalid_arguments', `${what} is a version or 'none', not '${text}'.`, { path: what })
}
