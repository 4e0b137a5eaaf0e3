import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { Alert, Fleet, ModelHealth } from '../../api/contract.ts'
import type { DeadLetterPage } from '../../api/platform.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `status`, `monitor`, `alerts`, `deadletters`: what is going on. */
export const watchVerbs: readonly Verb[] = [status, monitor, alerts, deadLetters]

function status(program: Command): void {
  program
    .command('status')
    .description('one sentence on everything')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const fleet = await callOperation<Fleet>('fleet', {}, options)
      if (options.json === true) {
        printJson(fleet)
        return
      }
      printLine(fleet.sentence)
      for (const model of fleet.models) printLine(model.sentence)
      printTable(
        ['stream', 'received', 'accepted', 'duplicates', 'rejected', 'newest event'],
        fleet.streams.map((one) => [
          one.name,
          one.received,
          one.accepted,
          one.duplicates,
          one.rejected,
          one.lastEventTime === undefined ? undefined : formatTime(one.lastEventTime),
        ]),
      )
    })
}

function monitor(program: Command): void {
  program
    .command('monitor <model>')
    .description('service, data, predictions and outcomes of a model')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const health = await callOperation<ModelHealth>('modelHealth', { model }, options)
      if (options.json === true) {
        printJson(health)
        return
      }
      printLine(health.sentence)
      printLine()
      printTable(
        ['outcome of', 'predictions', 'labelled', 'auc', 'low', 'high', ''],
        health.outcome
          .slice(-14)
          .map((point) => [
            formatTime(point.from).slice(0, 10),
            point.n,
            point.labelled,
            point.auc?.toFixed(4),
            point.low?.toFixed(4),
            point.high?.toFixed(4),
            point.mature ? '' : 'immature',
          ]),
      )
      printLine()
      printTable(
        ['feature', 'importance', 'verdict', 'psi', 'missing'],
        health.features.strips.map((strip) => [
          strip.feature,
          strip.importance.toFixed(3),
          strip.verdict,
          strip.points.at(-1)?.psi?.toFixed(3),
          strip.points.at(-1)?.missing.toFixed(3),
        ]),
      )
    })
}

function alerts(program: Command): void {
  const group = program
    .command('alerts')
    .description('alerts, open ones first; each names its runbook')
    .option('--open', 'only open ones')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ open?: boolean }>(command)
      const page = await callOperation<{ total: number; alerts: Alert[] }>(
        'alerts',
        options.open === true ? { open: true } : {},
        options,
      )
      if (options.json === true) {
        printJson(page)
        return
      }
      if (page.total === 0) {
        printLine('No alert.')
        return
      }
      printTable(
        ['alert', 'severity', 'opened', 'state', 'what', 'runbook'],
        page.alerts.map((one) => [
          one.id,
          one.severity,
          formatTime(one.openedAt),
          one.resolvedAt === undefined ? 'open' : 'resolved',
          one.title,
          one.runbook,
        ]),
      )
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
}

function deadLetters(program: Command): void {
  program
    .command('deadletters')
    .description('rows that were not accepted, with their reasons')
    .option('--stream <stream>', 'only of this stream')
    .option('--code <code>', 'only with this reason')
    .option('--limit <n>', 'at most so many', '50')
    .option('--offset <n>', 'after so many', '0')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ stream?: string; code?: string; limit: string; offset: string }>(command)
      const query = {
        stream: options.stream,
        code: options.code,
        limit: wholeNumber(options.limit, '--limit'),
        offset: wholeNumber(options.offset, '--offset'),
      }
      const page = await callOperation<DeadLetterPage>('deadLetters', query, options)
      if (options.json === true) {
        printJson(page)
        return
      }
      if (page.total === 0) {
        printLine('No dead letter.')
        return
      }
      printLine(
        `${page.total} in all: ${Object.entries(page.counts)
          .map(([code, count]) => `${count} ${code}`)
          .join(', ')}`,
      )
      printTable(
        ['received', 'stream', 'code', 'reason', 'row'],
        page.rows.map((one) => [formatTime(one.receivedAt), one.stream, one.code, one.reason, one.row.slice(0, 80)]),
      )
    })
}
