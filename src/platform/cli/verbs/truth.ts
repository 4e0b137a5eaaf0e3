import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { describeKey } from '../../../core/key.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { AuditAnswer, FeatureGroupListing, ReplayAnswer, TraceAnswer } from '../../api/platform.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'
import { addFeaturesGet } from './features-get.ts'

/** `features`, `trace`, `replay`: what was served, from what, and whether it holds. */
export const truthVerbs: readonly Verb[] = [features, trace, replay]

function features(program: Command): void {
  const group = program
    .command('features')
    .description('the catalogue of features')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const groups = await callOperation<FeatureGroupListing[]>('features', {}, options)
      if (options.json === true) {
        printJson(groups)
        return
      }
      for (const one of groups) {
        printLine(
          `${one.name} (${shortDigest(one.digest)}) of ${one.entity}, from ${one.from}: ${one.description ?? 'no description'}`,
        )
        const perEntity = one.entities === 0 ? '' : `, ${Math.round(one.bytes / one.entities)} bytes each`
        printLine(`  ${one.entities.toLocaleString('en')} entities in memory${perEntity}`)
        printTable(
          ['  feature', 'type', 'logic'],
          one.features.map(({ name, type, logic }) => [`  ${name}`, type, logic]),
        )
        printLine()
      }
    })
  addFeaturesGet(group)
  group
    .command('audit')
    .description('the parity audit: recompute served vectors from the log and count what differs')
    .option('--model <model>', 'only this model')
    .option('--sample <n>', 'at most so many predictions; all when absent')
    .option('--since <time>', 'only what was answered from here on: 2001-01-31 or 2001-01-31T09:30:00Z')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ model?: string; sample?: string; since?: string }>(command)
      const sample = options.sample === undefined ? undefined : wholeNumber(options.sample, '--sample')
      const from = options.since === undefined ? undefined : parseTime(options.since)
      const answer = await callOperation<AuditAnswer>('audit', { model: options.model, sample, from }, options)
      if (options.json === true) printJson(answer)
      else printAudit(answer)
      if (answer.mismatches > 0) process.exitCode = 1
    })
}

function printAudit({ checked, mismatches, unverifiable, seconds, features, examples }: AuditAnswer): void {
  printLine(
    `${checked.toLocaleString('en')} predictions recomputed in ${seconds.toFixed(1)} s: ${mismatches} mismatches, ${unverifiable} unverifiable`,
  )
  const differing = features.filter((feature) => feature.mismatches > 0)
  if (differing.length > 0)
    printTable(
      ['  feature', 'checked', 'mismatches', 'cause'],
      differing.map(({ feature, causes, ...counts }) => [
        `  ${feature}`,
        counts.checked,
        counts.mismatches,
        Object.keys(causes).join(', '),
      ]),
    )
  for (const { prediction, feature, served, replayed, statuses, cause } of examples)
    printLine(
      `  ${prediction} ${feature}: served ${served} (${statuses[0]}), replayed ${replayed} (${statuses[1]}); ${cause}`,
    )
}

function trace(program: Command): void {
  program
    .command('trace <prediction>')
    .description('a prediction back to its model, its features and their events')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<TraceAnswer>('trace', { prediction }, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      const { prediction: one, run } = answer
      printLine(
        `${one.id}: ${one.model} v${one.version} (${shortDigest(one.digest)}) gave ${one.score.toFixed(6)}${one.decision === undefined ? '' : `, ${one.decision}`} at ${formatTime(one.servedAt)} for t ${formatTime(one.t)}`,
      )
      if (run !== undefined)
        printLine(`trained by ${run.author} in run ${run.id} on dataset ${shortDigest(run.dataset)}`)
      printLine(`row: ${JSON.stringify(one.row)}`)
      printLine(
        `cut: ${answer.cut.map((cut) => `${cut.group} ${cut.generation}/${cut.partition}@${cut.offset}`).join(', ')}`,
      )
      printTable(
        ['feature', 'value', 'status', 'events', 'newest event'],
        answer.features.map((feature) => [
          feature.name,
          feature.value === null ? undefined : String(feature.value),
          feature.status,
          feature.events?.total,
          newestEvent(feature.events),
        ]),
      )
    })
}

function newestEvent(events: TraceAnswer['features'][number]['events']): string | undefined {
  const [newest] = events?.newest ?? []
  if (newest === undefined) return undefined
  const revision = newest.revision === 0 ? '' : ` revision ${newest.revision}`
  return `${describeKey(newest.id)}${revision} @${newest.offset}`
}

function replay(program: Command): void {
  program
    .command('replay <prediction>')
    .description('make a prediction again from the log and the registry, and compare')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<ReplayAnswer>('replay', { prediction }, options)
      if (options.json === true) printJson(answer)
      else if (answer.same)
        printLine(
          `${answer.id}: the same to the bit: ${answer.replayed.score}${answer.replayed.decision === undefined ? '' : `, ${answer.replayed.decision}`}`,
        )
      else {
        printLine(`${answer.id}: served ${answer.served.score}, replayed ${answer.replayed.score}`)
        for (const { feature, served, replayed } of answer.differences)
          printLine(
            `  ${feature}: served ${served.value} (${served.status}), replayed ${replayed.value} (${replayed.status})`,
          )
      }
      if (!answer.same) process.exitCode = 1
    })
}
