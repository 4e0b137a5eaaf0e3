import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { ActPage, ActsVerified } from '../../api/act-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface Choice {
  readonly search?: string
  readonly by?: string
  readonly from?: string
  readonly to?: string
  readonly limit: string
  readonly after?: string
}

/** `audit`: who did what, when and why, and whether that is what was written. */
export const audit: Verb = (program: Command) => {
  const group = program
    .command('audit [target]')
    .description('who did what, when and why, newest first; of one target such as sent_back/3 when it is given')
    .option('--search <text>', 'with this text in the act, its target, its reason or the name of who did it')
    .option('--by <name>', 'done by one person, or by a part of the platform')
    .option('--from <time>', 'done at this time or later')
    .option('--to <time>', 'done before this time')
    .option('--limit <number>', 'most acts', '20')
    .option('--after <place>', 'go on where the page before ended')
    .action(async (target: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<Choice>(command)
      const { search, by, after: cursor } = options
      const from = options.from === undefined ? undefined : parseTime(options.from)
      const to = options.to === undefined ? undefined : parseTime(options.to)
      const input = { target, search, by, from, to, cursor, limit: wholeNumber(options.limit, '--limit') }
      const answer = await callOperation<ActPage>('acts', input, options)
      if (options.json === true) printJson(answer)
      else printActs(answer)
    })
  group
    .command('verify')
    .description('recompute the chain of the audit log; exit code 1 where it is not what was written')
    .option('--head <head>', 'SEQUENCE:DIGEST that an earlier verification gave: nothing up to it may have changed')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ head?: string }>(command)
      const answer = await callOperation<ActsVerified>('verifyActs', headOf(options.head), options)
      if (options.json === true) printJson(answer)
      else if (answer.intact) {
        printLine(`The audit log is what was written: ${answer.entries} acts.`)
        printLine(`head: ${answer.head.sequence}:${answer.head.digest}`)
      } else printLine(`The audit log is not what was written. ${answer.broken.why}`)
      if (!answer.intact) process.exitCode = 1
    })
}

function printActs({ acts, next }: ActPage): void {
  if (acts.length === 0) {
    printLine('No act.')
    return
  }
  printTable(
    ['time', 'act', 'target', 'by', 'reason'],
    acts.map(({ at, action, target, by, reason }) => [formatTime(at), action, target, by, reason]),
  )
  if (next !== null) printNote(`There are older ones: --after ${next}`)
}

function headOf(text: string | undefined): { sequence?: number; digest?: string } {
  if (text === undefined) return {}
  const [, sequence, digest] = /^(\d+):(sha256:[0-9a-f]{64})$/.exec(text) ?? []
  if (sequence !== undefined && digest !== undefined) return { sequence: Number(sequence), digest }
  throw new TruelineError('invalid_arguments', `'${text}' is no head, such as 12:sha256:….`, { path: '--head' })
}
