import type { Digest } from '../../core/digest.ts'
import { SECOND } from '../../core/time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { liveValues } from '../../data/features/live-values.ts'
import { planVector } from '../../data/features/vector.ts'
import type { LiveGroup, LiveMemory } from '../../kernel/live.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { digestOfInput, inputDigests } from '../../models/training/input-digests.ts'
import type { MonitoringReference } from '../../operate/monitoring/reference.ts'
import { plural } from '../../operate/monitoring/words.ts'
import type { JudgedOrigin } from '../../operate/readiness/origin-card.ts'
import type {
  CatalogueDetail,
  CatalogueFeature,
  CataloguePage,
  CatalogueQuery,
  FeatureConsumer,
  ValueBins,
} from '../api/catalogue-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { type FeatureConsumers, featureKey, readConsumers } from './feature-consumers.ts'
import { type FeatureMeaning, meaningsOf, textOf } from './feature-meanings.ts'
import { readReference } from './monitors.ts'

/** What may be known of all features: their meaning, where they come from, who reads them, and how they do. */
export interface Catalogue {
  page(query: CatalogueQuery): Promise<CataloguePage>
  /**
   * One feature, by its id.
   * @throws TruelineError `unknown_feature`
   */
  show(feature: string): Promise<CatalogueDetail>
}

/** The rows of the training part that a version is compared with; one that was imported did not learn from them. */
interface TrainingRows {
  readonly reference: MonitoringReference
  readonly isImported: boolean
}

const USUAL_LIMIT = 50
/** For so long the counted size of a group's state is taken for its size; real time. */
const SIZES_HOLD = 10 * SECOND

export function createCatalogue(parts: Parts): Catalogue {
  const references = new Map<string, TrainingRows>()
  const digests = new WeakMap<ProjectDefinition, Map<string, ReturnType<typeof inputDigests>>>()
  const sizes = new WeakMap<LiveGroup, { readonly at: number; readonly memory: LiveMemory }>()

  /** Counting a million entities takes a while, and pages are read again and again. */
  function memoryOf({ live }: EngineGroup): LiveMemory {
    const now = parts.clock.elapsed()
    const known = sizes.get(live)
    if (known !== undefined && now - known.at < SIZES_HOLD) return known.memory
    const memory = live.memory()
    sizes.set(live, { at: now, memory })
    return memory
  }

  /** Digests of what a model in force takes: made once, as a page asks for those of many features. */
  function digestsOf(model: string): ReturnType<typeof inputDigests> {
    const { project } = parts
    const known = digests.get(project) ?? new Map<string, ReturnType<typeof inputDigests>>()
    digests.set(project, known)
    const made = known.get(model) ?? inputDigests(planVector(project.models[model]!, project), project, model)
    known.set(model, made)
    return made
  }

  async function referenceOf({ name, version }: FeatureConsumer): Promise<TrainingRows | undefined> {
    if (version === undefined) return undefined
    const key = `${name}/${version}`
    const known = references.get(key)
    if (known !== undefined) return known
    const { evaluation } = await readVersion(parts.metadata, name, version)
    const isImported = (evaluation as JudgedOrigin).imported !== undefined
    const found = { reference: await readReference(parts, name, version), isImported }
    references.set(key, found)
    return found
  }

  /** What the version that serves was trained on, or else the newest that reads the feature. */
  async function trainingOf(feature: string, consumers: readonly FeatureConsumer[]) {
    const versions = consumers.filter(({ kind, version }) => kind === 'model' && version !== undefined)
    for (const one of versions.toSorted((a, b) => Number(b.serving) - Number(a.serving) || b.version! - a.version!)) {
      const { reference, isImported } = (await referenceOf(one)) ?? {}
      const column = reference?.features.find(({ name }) => name === feature)
      if (reference === undefined || column === undefined) continue
      const { histogram } = column
      const trainedOn = {
        ...{ model: one.name, version: one.version!, rows: reference.rows },
        nullRate: histogram.counts.at(-1)! / reference.rows,
        ...(isImported === true ? { imported: true as const } : {}),
      }
      return { trainedOn, histogram }
    }
    return undefined
  }

  async function describe(meaning: FeatureMeaning, all: FeatureConsumers): Promise<CatalogueFeature> {
    const consumers = all.get(featureKey(meaning.name, meaning.digest)) ?? []
    const trained = await trainingOf(meaning.name, consumers)
    const parity = parityOf(parts, meaning, digestsOf)
    return {
      ...meaning,
      consumers,
      ...(trained === undefined ? {} : { trainedOn: trained.trainedOn }),
      ...(parity === undefined ? {} : { parity }),
    }
  }

  return {
    async page({ search = '', limit = USUAL_LIMIT, offset = 0 }) {
      const words = search.toLowerCase().split(/\s+/).filter(Boolean)
      const all = meaningsOf(parts, memoryOf)
      const found = all.filter((one) => words.every((word) => textOf(one).includes(word)))
      const consumers = await readConsumers(parts.metadata, parts.project)
      const features: CatalogueFeature[] = []
      for (const one of found.slice(offset, offset + limit)) features.push(await describe(one, consumers))
      return { sentence: sentenceOf(parts, all, found.length, search), total: found.length, features }
    },
    async show(feature) {
      const all = meaningsOf(parts, memoryOf)
      const meaning = all.find(({ id }) => id === feature)
      if (meaning === undefined)
        throw unknownName(
          'unknown_feature',
          'feature',
          feature,
          all.map(({ id }) => id),
        )
      const consumers = await readConsumers(parts.metadata, parts.project)
      const described = await describe(meaning, consumers)
      const trained = await trainingOf(meaning.name, described.consumers)
      return {
        ...described,
        sentence: `${meaning.name} is the ${meaning.logic}${readWords(described.consumers)}.`,
        ...(trained === undefined ? {} : { distribution: binsOf(trained.histogram) }),
        ...liveOf(parts, meaning),
      }
    },
  }
}

/** What audits found of a feature as it is defined here: what was found of another definition with its name says nothing of it. */
function parityOf(
  { project, parity, clock, audits }: Parts,
  { name, digest }: FeatureMeaning,
  digestsOf: (model: string) => ReturnType<typeof inputDigests>,
): CatalogueFeature['parity'] {
  const found = Object.keys(project.models).flatMap((model) => {
    const of = parity.lastDayByDigest(model, clock.now()).filter((one) => one.feature === name)
    if (of.length === 0) return []
    const meant = digest ?? digestOfInput(digestsOf(model), name)
    return of.filter((one) => one.digest === meant)
  })
  if (found.length === 0) return undefined
  const causes: Record<string, number> = {}
  for (const one of found)
    for (const [cause, count] of Object.entries(one.causes)) causes[cause] = (causes[cause] ?? 0) + count
  return {
    checked: found.reduce((sum, { checked }) => sum + checked, 0),
    mismatches: found.reduce((sum, { mismatches }) => sum + mismatches, 0),
    causes,
    ...(audits.at === undefined ? {} : { at: audits.at }),
  }
}

function sentenceOf(
  { project, parity, clock }: Parts,
  all: readonly FeatureMeaning[],
  found: number,
  search: string,
): string {
  if (all.length === 0) return 'No feature is defined yet.'
  const differing = Object.keys(project.models).flatMap((model) =>
    parity.lastDay(model, clock.now()).filter(({ mismatches }) => mismatches > 0),
  )
  const kept = all.filter(({ inForce }) => !inForce).length
  const total = `${plural(all.length - kept, 'feature')} in force`
  const older = kept === 0 ? '' : `, ${plural(kept, 'older one')} kept for the versions that read them`
  const truth =
    differing.length === 0
      ? ''
      : ` ${plural(differing.length, 'feature')} of a model ${differing.length === 1 ? 'was' : 'were'} served otherwise than replayed.`
  const what = search.trim() === '' ? '' : ` ${plural(found, 'feature')} found for “${search.trim()}”.`
  return `${total}${older}.${truth}${what}`
}

function readWords(consumers: readonly FeatureConsumer[]): string {
  const serving = consumers.filter((one) => one.serving === true).map(({ name, version }) => `${name} v${version}`)
  if (serving.length > 0) return `; ${serving.join(', ')} ${serving.length === 1 ? 'serves' : 'serve'} with it`
  return consumers.length === 0 ? '; nothing reads it' : '; nothing that serves reads it'
}

/** How the values of a windowed feature are distributed now. */
function liveOf({ engine, clock }: Parts, { kind, name, digest }: FeatureMeaning): Pick<CatalogueDetail, 'live'> {
  const group = kind === 'windowed' && digest !== undefined ? engine.group(digest as Digest) : undefined
  if (group === undefined) return {}
  const { histogram, ...read } = liveValues(group, name.slice(group.definition.name.length + 1), clock.now())
  if (read.entities === 0) return {}
  if (histogram === undefined) return { live: read }
  const { bins, counts } = histogram
  return { live: { ...read, distribution: binsOf({ edges: [...bins.edges], counts: [...counts] }) } }
}

/** Bins of a histogram, without the count of rows that had no value. */
function binsOf({
  edges,
  counts,
}: Pick<MonitoringReference['features'][number]['histogram'], 'edges' | 'counts'>): ValueBins {
  return counts.slice(0, -1).map((count, bin) => ({
    ...(bin === 0 ? {} : { from: edges[bin - 1]! }),
    ...(bin === edges.length ? {} : { to: edges[bin]! }),
    count,
  }))
}
