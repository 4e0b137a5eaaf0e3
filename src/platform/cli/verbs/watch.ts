import { basename } from 'node:path'
import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { TestAlertAnswer } from '../../api/alert-answers.ts'
import type { Alert, Fleet, ModelHealth } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `status`, `monitor`, `alerts`: what is going on. */
export const watchVerbs: readonly Verb[] = [status, monitor, alerts]

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
      // Of a single model the sentence of all says less than its own.
      if (fleet.models.length !== 1 || !fleet.running) printLine(fleet.sentence)
      else for (const besides of fleet.besides) printLine(besides)
      for (const model of fleet.models) printLine(model.sentence)
      printTable(
        ['stream', 'received', 'accepted', 'duplicates', 'rejected', 'mended', 'newest event'],
        fleet.streams.map((one) => [
          one.name,
          one.received,
          one.accepted,
          one.duplicates,
          one.rejected,
          one.mended,
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
      // Outcomes of several classes are judged by their log loss.
      const { outcome, expected, baseline } = health
      const judged = [...outcome.map(({ accuracy }) => accuracy), expected?.logLoss, baseline?.logLoss]
      const isOfClasses = judged.some((value) => value !== undefined)
      printTable(
        [
          ...['outcome of', 'predictions', 'labelled', ...(isOfClasses ? ['accuracy', 'log loss'] : ['auc'])],
          ...['low', 'high', ''],
        ],
        health.outcome
          .slice(-14)
          .map((point) => [
            formatTime(point.from).slice(0, 10),
            point.n,
            point.labelled,
            ...(isOfClasses ? [point.accuracy?.toFixed(4), point.logLoss?.toFixed(4)] : [point.auc?.toFixed(4)]),
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
          `trueline runbook ${basename(one.runbook, '.md')}`,
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
