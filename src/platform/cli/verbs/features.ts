import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { formatDuration, formatTime, parseTime, SECOND } from '../../../core/time.ts'
import type {
  CatalogueDetail,
  CatalogueFeature,
  CataloguePage,
  FeatureConsumer,
  ValueBins,
} from '../../api/catalogue-answers.ts'
import type { AuditAnswer } from '../../api/truth-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'
import { addFeaturesGet } from './features-get.ts'

/** `features`: the catalogue, an entity's features, and whether what was served holds. */
export function features(program: Command): void {
  const group = program
    .command('features')
    .description('the catalogue of features')
    .option('--search <words>', 'only those whose name, description, owner or logic has all of these words')
    .option('--limit <n>', 'features of a page, 50 when absent')
    .option('--offset <n>', 'features to pass over')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ search?: string; limit?: string; offset?: string }>(command)
      const { search } = options
      const limit = options.limit === undefined ? undefined : wholeNumber(options.limit, '--limit')
      const offset = options.offset === undefined ? undefined : wholeNumber(options.offset, '--offset')
      const page = await callOperation<CataloguePage>('features', { search, limit, offset }, options)
      if (options.json === true) printJson(page)
      else printPage(page, offset ?? 0)
    })
  group
    .command('show <feature>')
    .description('one feature: meaning, version, freshness, state, values in training, consumers, parity')
    .action(async (feature: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const detail = await callOperation<CatalogueDetail>('feature', { feature }, options)
      if (options.json === true) printJson(detail)
      else printDetail(detail)
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

function printPage({ sentence, total, features }: CataloguePage, offset: number): void {
  printLine(sentence)
  printTable(
    ['feature', 'type', 'logic', 'no value', 'read by', 'parity'],
    features.map((feature) => [
      feature.id,
      feature.type,
      feature.logic,
      nullWords(feature),
      consumerWords(feature.consumers),
      parityWords(feature),
    ]),
  )
  const last = offset + features.length
  if (last < total) printLine(`${total - last} more: --offset ${last}`)
}

function printDetail(feature: CatalogueDetail): void {
  const { digest, freshness, state, trainedOn, distribution = [], live } = feature
  printLine(feature.sentence)
  if (feature.description !== undefined) printLine(feature.description)
  const age = freshness?.age === undefined ? 'nothing known yet' : `${seconds(freshness.age)} old`
  const promised = freshness?.promised === undefined ? 'nothing promised' : `${seconds(freshness.promised)} promised`
  const each = state?.bytesPerEntity === undefined ? '' : `, ${Math.round(state.bytesPerEntity)} bytes each`
  printTable(
    ['what', ''],
    [
      ['expression', feature.expression],
      ['owner', feature.owner ?? 'nobody'],
      ['entity', feature.entity],
      ['made of', feature.from],
      ['type', feature.type],
      [
        'definition',
        digest === undefined ? undefined : `${shortDigest(digest)}${feature.inForce ? '' : ', not in force'}`,
      ],
      ['freshness', freshness === undefined ? undefined : `${age}, ${promised}`],
      [
        'state of the group',
        state === undefined ? undefined : `${state.entities.toLocaleString('en')} entities${each}`,
      ],
      ['no value', nullWords(feature)],
      ['read by', consumerWords(feature.consumers)],
      ['parity', parityWords(feature)],
    ],
  )
  if (trainedOn !== undefined && distribution.length > 0) printBins(trainedWords(trainedOn), 'rows', distribution)
  if (live === undefined) return
  const none = `${(live.nullRate * 100).toFixed(1)}% of them have no value`
  const asked = live.entities === 1 ? '1 entity' : `${live.entities.toLocaleString('en')} entities`
  printBins(`Values of ${asked} at ${formatTime(live.at)}; ${none}:`, 'entities', live.distribution ?? [])
}

/** Of an imported version nobody knows what it learnt from: these are the rows that it is compared with. */
function trainedWords({ model, version, imported }: NonNullable<CatalogueFeature['trainedOn']>): string {
  const named = `${model} v${version}`
  if (imported !== true) return `Values that ${named} was trained on:`
  return `Values that ${named}, which was imported, is compared with: those of the rows that a training here would have learnt from:`
}

function printBins(title: string, what: string, bins: ValueBins): void {
  printLine(title)
  if (bins.length > 0)
    printTable(
      ['from', 'below', what],
      bins.map(({ from, to, count }) => [from, to, count]),
    )
}

function nullWords({ trainedOn }: CatalogueFeature): string | undefined {
  if (trainedOn === undefined) return undefined
  return `${(trainedOn.nullRate * 100).toFixed(1)}% in ${trainedOn.model} v${trainedOn.version}`
}

function consumerWords(consumers: readonly FeatureConsumer[]): string {
  const words = consumers.map(
    ({ name, version, serving }) =>
      `${name}${version === undefined ? '' : ` v${version}`}${serving === true ? ' (serves)' : ''}`,
  )
  return words.length === 0 ? 'nothing' : words.join(', ')
}

function parityWords({ parity }: CatalogueFeature): string {
  if (parity === undefined) return 'not audited within a day'
  const { checked, mismatches, causes, at } = parity
  const when = at === undefined ? '' : `, last audit ${formatTime(at)}`
  const cause = Object.keys(causes).length === 0 ? '' : ` (${Object.keys(causes).join(', ')})`
  return `${mismatches} of ${checked} differ${cause}${when}`
}

function seconds(microseconds: number): string {
  return formatDuration(Math.round(microseconds / SECOND) * SECOND)
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** What an audit found, for people. */
export function printAudit({
  checked,
  mismatches,
  unverifiable,
  masked,
  seconds,
  features,
  examples,
}: AuditAnswer): void {
  printLine(
    `${counted(checked, 'prediction')} recomputed in ${seconds.toFixed(1)} s: ${counted(mismatches, 'mismatch', 'mismatches')}, ${unverifiable} unverifiable`,
  )
  if (masked > 0)
    printLine(`  of ${masked.toLocaleString('en')} some values were not compared, because they are masked`)
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
