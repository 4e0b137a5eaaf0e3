import type { Command } from 'commander'
import { formatDuration, SECOND } from '../../../core/time.ts'
import type { StreamAnswerPage, StreamScoringListing } from '../../api/streaming-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `stream`: how the scoring of each model's stream stands; pause and resume it, and read what was answered. */
export const stream: Verb = (program: Command) => {
  const group = program
    .command('stream')
    .description('how the scoring of each model’s stream stands: state, lag, rate, offset, counts')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const listings = await callOperation<StreamScoringListing[]>('streamScoring', {}, options)
      if (options.json === true) printJson(listings)
      else printListings(listings)
    })
  for (const [name, operation, description] of [
    ['pause', 'pauseStream', 'stop scoring the events of a model’s stream; they wait in the log'],
    ['resume', 'resumeStream', 'go on where it was paused'],
  ] as const)
    group
      .command(`${name} <model>`)
      .description(description)
      .requiredOption('--reason <text>', 'why')
      .action(async (model: string, _options: unknown, command: Command) => {
        const options = optionsOf<{ reason: string }>(command)
        const input = { model, as: options.as, reason: options.reason }
        const listing = await callOperation<StreamScoringListing>(operation, input, options)
        if (options.json === true) printJson(listing)
        else printListings([listing])
      })
  group
    .command('answers <model>')
    .description('what a model answered to the events of its stream, in the order of the log')
    .option('--after <offset>', 'only answers after this offset')
    .option('--limit <n>', 'at most so many', '20')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ after?: string; limit: string }>(command)
      const after = options.after === undefined ? {} : { after: wholeNumber(options.after, '--after') }
      const input = { model, ...after, limit: wholeNumber(options.limit, '--limit') }
      const page = await callOperation<StreamAnswerPage>('streamAnswers', input, options)
      if (options.json === true) printJson(page)
      else printAnswers(page)
    })
}

function printListings(listings: readonly StreamScoringListing[]): void {
  if (listings.length === 0) {
    printLine("No model is scored for the events of its stream: add 'stream' to its serve.modes.")
    return
  }
  printTable(
    ['model', 'stream', 'state', 'version', 'offset', 'behind', 'lag', 'events/s', 'scored', 'rejected', 'passed'],
    listings.map((one) => [
      one.model,
      one.stream,
      one.state,
      one.version,
      one.offset,
      one.behind,
      formatDuration(Math.ceil(one.lag / SECOND) * SECOND),
      Math.round(one.rate),
      one.scored,
      one.rejected,
      one.passed,
    ]),
  )
  for (const { model, reason } of listings) if (reason !== undefined) printLine(`${model}: ${reason}`)
  if (listings.some(({ rejected }) => rejected > 0)) printLine('next: trueline deadletters')
}

function printAnswers({ answers, next }: StreamAnswerPage): void {
  printTable(
    ['offset', 'event', 'prediction', 'score', 'decision', 'version', 'error'],
    answers.map((one) => [one.offset, one.event, one.prediction, one.score, one.decision, one.version, one.error]),
  )
  if (answers.length > 0) printLine(`next: --after ${next}`)
}
