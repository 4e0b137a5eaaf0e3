import { type Random, seededRandom } from '../../src/core/random.ts'
import { emptyProject } from '../../src/language/define/collect-project.ts'
import type { FeaturesDefinition, ProjectDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import { digestOfFeatures } from '../../src/language/define/digest.ts'
import { driversOf } from './drivers.ts'
import { type Comparison, comparingLaw } from './law.ts'
import type { LawCase } from './law-case.ts'
import { type Answer, oracle } from './oracle.ts'

/**
 * L9. A definition that is written otherwise but means the same has the same digest and the same answers, through both
 * drivers; one that means something else has another digest.
 */
export const digest = comparingLaw(
  'Equal digest, cut, keys and t mean equal values; a change of meaning changes the digest.',
  (lawCase) => {
    const { stream, definition, events, queries, salt } = lawCase
    const random = seededRandom(salt)
    const own = digestOf(lawCase)
    const rewritten = rewrite(lawCase)
    const changed = changeMeaning(lawCase, random)
    const asked = queries.map((query) => ({ ...query, cut: events.length }))
    const names = Object.keys(definition.select)
    const [query] = asked as [(typeof asked)[number]]
    const compared: Comparison[] = [
      { what: 'digest, rewritten', query, expected: [value(own)], actual: [value(digestOf(rewritten))] },
      { what: 'digest differs', query, expected: [value(true)], actual: [value(own !== digestOf(changed))] },
    ]
    const drivers = driversOf(rewritten)
    const live = drivers.live()
    for (const event of rewritten.events) live.apply(event)
    const replayed = drivers.replay(rewritten.events, asked, (event) => event.position)
    const rewrittenNames = Object.keys(rewritten.definition.select)
    for (const [index, query] of asked.entries()) {
      const expected = oracle(definition, stream, events, query.entity, query.t)
      const byName = (answers: readonly Answer[]) =>
        names.map((name) => answers[rewrittenNames.indexOf(name)] as Answer)
      compared.push({ what: 'replayed, rewritten', query, expected, actual: byName(replayed[index] ?? []) })
      const served = live.read(query.entity, query.t)
      if (served !== undefined) compared.push({ what: 'served, rewritten', query, expected, actual: byName(served) })
    }
    return compared
  },
)

function value(of: string | boolean): Answer {
  return { status: 'value', value: of }
}

function digestOf({ definition, stream }: LawCase): string {
  const project: ProjectDefinition = {
    ...emptyProject(),
    streams: { [stream.name]: stream },
    entities: { thing: { kind: 'entity', name: 'thing', key: { thing: { type: 'string' } } } },
    features: { [definition.name]: definition },
  }
  return digestOfFeatures(definition, project)
}

/** The same meaning: prose, the order of names, and a column that nothing reads. */
function rewrite(lawCase: LawCase): LawCase {
  const { stream, definition } = lawCase
  const backwards = Object.entries(definition.select).toReversed()
  const select = backwards.map(([name, feature]) => [name, reordered({ ...feature, description: 'In other words.' })])
  const note = { type: 'string', nullable: true } as const
  return {
    ...lawCase,
    stream: { ...stream, owner: 'somebody else', schema: { note, ...stream.schema } },
    definition: { ...reordered(definition), description: 'Prose.', freshness: 1, select: Object.fromEntries(select) },
  }
}

/** The same names and values in another order, all the way down. */
function reordered<Item>(item: Item): Item {
  if (typeof item !== 'object' || item === null) return item
  if (Array.isArray(item)) return item.map(reordered) as Item
  return Object.fromEntries(
    Object.entries(item)
      .toReversed()
      .map(([name, of]) => [name, reordered(of)]),
  ) as Item
}

/** One change that can change answers. */
function changeMeaning(lawCase: LawCase, random: Random): LawCase {
  const { stream, definition } = lawCase
  const names = Object.keys(definition.select)
  const name = names[random.integer(names.length)] as string
  const feature = definition.select[name] as FeaturesDefinition['select'][string]
  const withFeature = (changed: object): LawCase => ({
    ...lawCase,
    definition: { ...definition, select: { ...definition.select, [name]: { ...feature, ...changed } } },
  })
  const withStream = (changed: Partial<StreamDefinition>): LawCase => ({
    ...lawCase,
    stream: { ...stream, ...changed },
  })
  const literal = { kind: 'literal', type: 'bool', value: true } as const
  const { where = literal } = feature
  const changes: readonly (() => LawCase)[] = [
    () =>
      withFeature({ window: feature.window.kind === 'lifetime' ? { kind: 'exact', length: 3 } : { kind: 'lifetime' } }),
    () => withFeature({ window: { kind: 'exact', length: reachPlusOne(feature.window) } }),
    () => withFeature({ aggregate: feature.aggregate === 'count' ? 'timeSinceLast' : 'count' }),
    () => withFeature({ window: { ...feature.window, delay: (feature.window.delay ?? 0) + 1 } }),
    () => withFeature({ parameters: { ...feature.parameters, nth: (feature.parameters?.nth ?? 0) + 1 } }),
    () => withFeature({ where: { kind: 'call', function: 'not', arguments: [where] } }),
    () => ({ ...lawCase, definition: { ...definition, horizon: definition.horizon === 'lifetime' ? 1 : 'lifetime' } }),
    () => ({ ...lawCase, definition: { ...definition, keys: { thing: 'text' } } }),
    () => withStream({ sequence: stream.sequence === undefined ? 'order' : 'whole' }),
    () => withStream({ id: ['at'] }),
    () => withStream({ corrections: { within: stream.corrections.within + 1 } }),
    () => withStream({ knownAt: { lag: 1 } }),
  ]
  return (changes[random.integer(changes.length)] as () => LawCase)()
}

function reachPlusOne(window: FeaturesDefinition['select'][string]['window']): number {
  return window.kind === 'exact' ? window.length + 1 : 1
}
