import { basename } from 'node:path'
import type { Command } from 'commander'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { TestAlertAnswer } from '../../api/alert-answers.ts'
import type { Alert, AlertDetail, AlertPage } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface Choice {
  readonly open?: boolean
  readonly resolved?: boolean
  readonly about?: string
  readonly from?: string
  readonly to?: string
  readonly limit: string
  readonly after?: string
}

/** `alerts`: those that are open and those of the past; show one, look after one, send one that is a test. */
export const alerts: Verb = (program: Command) => {
  const group = program
    .command('alerts')
    .description('alerts, the newest first; each names its runbook')
    .option('--open', 'only open ones')
    .option('--resolved', 'only those that are over')
    .option('--about <subject>', 'about one model, or such as stream/NAME and source/NAME')
    .option('--from <time>', 'opened at this time or later')
    .option('--to <time>', 'opened before this time')
    .option('--limit <n>', 'at most so many', '50')
    .option('--after <place>', 'go on where the page before ended')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<Choice>(command)
      const page = await callOperation<AlertPage>('alerts', queryOf(options), options)
      if (options.json === true) printJson(page)
      else printPage(page)
    })
  group
    .command('show <alert>')
    .description('one alert: what it rests on, how large the effect is, since when, and who looks after it')
    .action(async (alert: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<AlertDetail>('alert', { alert }, options)
      if (options.json === true) printJson(answer)
      else printDetail(answer)
    })
  group
    .command('acknowledge <alert>')
    .description('say that you look after an alert (--as NAME)')
    .action(async (alert: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<Alert>('acknowledge', { alert, as: options.as }, options)
      if (options.json === true) printJson(answer)
      else printLine(`${answer.id} is looked after by ${options.as}.`)
    })
  group
    .command('test <model>')
    .description('send an alert that says that it is a test to the webhook of the project, and wait until it was taken')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<TestAlertAnswer>('testAlert', { model, as: options.as }, options)
      if (options.json === true) printJson(answer)
      else {
        printLine(`${answer.host} took ${answer.alert.id}.`)
        printLine(`next, by whoever got it: trueline alerts acknowledge ${answer.alert.id} --as NAME`)
      }
    })
}

function queryOf({ open, resolved, about, from, to, limit, after }: Choice) {
  return {
    // Both together are all of them.
    ...(open === resolved ? {} : { state: open === true ? 'open' : 'resolved' }),
    ...(about === undefined ? {} : { model: about }),
    ...(from === undefined ? {} : { from: parseTime(from) }),
    ...(to === undefined ? {} : { to: parseTime(to) }),
    ...(after === undefined ? {} : { cursor: after }),
    limit: wholeNumber(limit, '--limit'),
  }
}

function printPage({ total, alerts, next }: AlertPage): void {
  if (total === 0) {
    printLine('No alert.')
    return
  }
  printTable(
    ['alert', 'severity', 'opened', 'state', 'looked after by', 'what', 'runbook'],
    alerts.map((one) => [
      one.id,
      one.severity,
      formatTime(one.openedAt),
      one.resolvedAt === undefined ? 'open' : 'resolved',
      one.acknowledgedBy,
      one.title,
      runbookLine(one),
    ]),
  )
  if (next !== null) printNote(`There are older ones: --after ${next}`)
}

function printDetail(alert: AlertDetail): void {
  const { meaning, figures, parts, since } = alert
  printAlert(alert, meaning, since)
  if (figures.length > 0) {
    printLine()
    printTable(
      ['what', 'found', 'held against'],
      figures.map(({ name, found, against }) => [name, found, against]),
    )
  }
  if (parts !== undefined && parts.rows.length > 0) {
    printLine()
    printTable(
      [parts.of, ...parts.columns.map((column) => column.toLowerCase())],
      parts.rows.map(({ name, values }) => [name, ...values]),
    )
  }
}

function printAlert(alert: Alert, meaning?: string, since?: number): void {
  const { id, title, model, kind, feature, severity, n, openedAt, lastSeenAt, resolvedAt, acknowledgedBy } = alert
  printLine(`${id}: ${title}`)
  if (meaning !== undefined) printLine(meaning)
  printLine(`${kind} of ${feature === undefined ? model : `${feature}, ${model}`}; ${severity}; judged on ${n} rows`)
  const end =
    resolvedAt === undefined ? `open; last seen ${formatTime(lastSeenAt)}` : `resolved ${formatTime(resolvedAt)}`
  const began = since === undefined ? '' : `began ${formatTime(since)}; `
  printLine(`${began}opened ${formatTime(openedAt)}; ${end}`)
  printLine(
    acknowledgedBy === undefined ? 'Nobody has said that they look after it.' : `looked after by ${acknowledgedBy}`,
  )
  printLine(`next: ${runbookLine(alert)}`)
}

function runbookLine({ runbook }: Alert): string {
  return `trueline runbook ${basename(runbook, '.md')}`
}
