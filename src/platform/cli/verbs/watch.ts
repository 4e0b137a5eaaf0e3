import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { Fleet, ModelHealth } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `status`, `monitor`: what is going on. */
export const watchVerbs: readonly Verb[] = [status, monitor]

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
