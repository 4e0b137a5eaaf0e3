import type { Digest } from '../../core/digest.ts'
import { DAY, HOUR } from '../../core/time.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AlertDesk } from './alert-desk.ts'
import { listAlerts } from './alert-store.ts'
import { listWords, percentWords, plural } from './words.ts'

/** What a parity audit found about one feature of a model. */
export interface ParityOfFeature {
  readonly feature: string
  /** Of what the feature is a part of, as it was defined then; absent where it is not known. */
  readonly digest?: Digest
  /** Values that were recomputed, and how many of them came out differently. */
  readonly checked: number
  readonly mismatches: number
  /** How many of those that were looked into have which cause. */
  readonly causes: Readonly<Record<string, number>>
}

/** What a parity audit of a model found. */
export interface ParityFinding {
  readonly model: string
  /** When, microseconds. */
  readonly at: number
  /** Predictions that were recomputed, and those with a value that came out differently. */
  readonly checked: number
  readonly mismatches: number
  readonly features: readonly ParityOfFeature[]
  /** Whether its predictions come after those of the audits before it, so that what they cover adds up. */
  readonly continues: boolean
}

/** What audits that ended within an hour found of a model's features. */
export interface ParityHour {
  readonly hour: number
  readonly features: readonly ParityOfFeature[]
}

/** Hours of each model, oldest first. */
export type ParityHours = Readonly<Record<string, readonly ParityHour[]>>

/** Follows what parity audits find. */
export interface ParityWatch {
  /**
   * Pages at the first mismatch: zero is a law, not a threshold. Resolves when as many predictions were recomputed of each
   * feature that was affected as when it last differed, and none of them differs.
   */
  report(finding: ParityFinding): Promise<void>
  /** What audits found of a model's features within the last day, by their names: of all definitions that they had together. */
  lastDay(model: string, now: number): readonly ParityOfFeature[]
  /** The same by definition: a feature that was changed in that time is there twice, each with its digest. */
  lastDayByDigest(model: string, now: number): readonly ParityOfFeature[]
  /** What the next process should go on from. */
  hours(): ParityHours
}

/** A feature that differed and has not shown yet that it does no more. */
interface Affected {
  /** Predictions that must be recomputed without a mismatch, and how many were by now. */
  readonly needed: number
  clean: number
}

type AffectedFeatures = Map<string, Affected>

/** What was found of a model's features, by the hour in which it was. */
type Found = { readonly hour: number; readonly features: Map<string, ParityOfFeature> }[]

/** @param before what the process before had found */
export function createParityWatch(metadata: Metadata, desk: AlertDesk, before: ParityHours = {}): ParityWatch {
  const affectedOf = new Map<string, AffectedFeatures>()
  const foundOf = new Map<string, Found>(
    Object.entries(before).map(([model, hours]) => [
      model,
      hours.map(({ hour, features }) => ({ hour, features: new Map(features.map((one) => [keyOf(one), one])) })),
    ]),
  )

  async function affected(model: string): Promise<AffectedFeatures> {
    const features = affectedOf.get(model) ?? (await affectedBefore(metadata, model))
    affectedOf.set(model, features)
    return features
  }

  function lastDayByDigest(model: string, now: number): ParityOfFeature[] {
    const found = foundOf.get(model) ?? []
    const sums = new Map<string, ParityOfFeature>()
    for (const { features } of found.filter(({ hour }) => hour * HOUR > now - DAY))
      for (const one of features.values()) add(sums, one)
    return [...sums.values()]
  }

  return {
    async report(found) {
      const { model, mismatches } = found
      const hours = foundOf.get(model) ?? []
      foundOf.set(model, hours)
      remember(hours, found)
      const finding = { ...found, features: byName(found.features) }
      if (mismatches > 0) await raise(desk, await affected(model), finding)
      else await resolveWhenCovered(desk, await affected(model), finding)
    },
    lastDay: (model, now) => byName(lastDayByDigest(model, now)),
    lastDayByDigest,
    hours: () =>
      Object.fromEntries(
        Array.from(foundOf, ([model, found]) => [
          model,
          found.map(({ hour, features }) => ({ hour, features: [...features.values()] })),
        ]),
      ),
  }
}

/** The cause that most of a feature's mismatches have, of those that were looked into. */
export function mainCause({ causes }: Pick<ParityOfFeature, 'causes'>): string | undefined {
  const known = Object.entries(causes).sort(([, a], [, b]) => b - a)
  return known[0]?.[0]
}

async function affectedBefore(metadata: Metadata, model: string): Promise<Map<string, Affected>> {
  const { items } = await listAlerts(metadata, { model, state: 'open', limit: 1000 })
  const effect = items.find(({ kind }) => kind === 'parity_mismatch')?.effect as
    | { readonly features?: readonly { readonly feature: string; readonly checked?: number }[] }
    | undefined
  return new Map((effect?.features ?? []).map(({ feature, checked = 1 }) => [feature, { needed: checked, clean: 0 }]))
}

function remember(hours: Found, { at, features }: ParityFinding): void {
  const hour = Math.floor(at / HOUR)
  while (hours.length > 0 && hours[0]!.hour * HOUR <= at - DAY) hours.shift()
  let newest = hours.at(-1)
  if (newest?.hour !== hour) {
    newest = { hour, features: new Map() }
    hours.push(newest)
  }
  for (const one of features) add(newest.features, one)
}

function keyOf({ feature, digest }: Pick<ParityOfFeature, 'feature' | 'digest'>): string {
  return `${digest ?? ''} ${feature}`
}

/** Findings by the names of features, whatever they were defined by. */
export function byName(features: readonly ParityOfFeature[]): ParityOfFeature[] {
  const sums = new Map<string, ParityOfFeature>()
  for (const { digest: _, ...one } of features) add(sums, one)
  return [...sums.values()]
}

function add(sums: Map<string, ParityOfFeature>, one: ParityOfFeature): void {
  const key = keyOf(one)
  const { checked, mismatches, causes, ...of } = sums.get(key) ?? { ...one, ...nothing }
  const summed: Record<string, number> = { ...causes }
  for (const [cause, count] of Object.entries(one.causes)) summed[cause] = (summed[cause] ?? 0) + count
  sums.set(key, {
    ...of,
    checked: checked + one.checked,
    mismatches: mismatches + one.mismatches,
    causes: summed,
  })
}

const nothing = { checked: 0, mismatches: 0, causes: {} } as const

async function raise(desk: AlertDesk, affected: AffectedFeatures, finding: ParityFinding): Promise<void> {
  const { model, checked, mismatches } = finding
  const differing = finding.features
    .filter((feature) => feature.mismatches > 0)
    .sort((a, b) => b.mismatches / b.checked - a.mismatches / a.checked || b.mismatches - a.mismatches)
  for (const one of differing) affected.set(one.feature, { needed: one.checked, clean: 0 })
  const worst = differing[0]!
  const causes = new Set(differing.map((one) => mainCause(one)).filter((cause) => cause !== undefined))
  const others = differing.length === 1 ? '' : `, and ${plural(differing.length - 1, 'other feature')} with it`
  const rate = `${percentWords(worst.mismatches / worst.checked)} of ${plural(worst.checked, 'prediction')}`
  const cause = causes.size === 0 ? 'not looked into' : listWords([...causes])
  await desk.raise({
    model,
    kind: 'parity_mismatch',
    title: `${model}: ${worst.feature} was served otherwise than it is replayed in ${rate}${others}; cause: ${cause}.`,
    evidence: { checked, causes: [...causes] },
    effect: {
      mismatches,
      features: [...affected].map(([feature, { needed }]) => {
        const found = differing.find((one) => one.feature === feature)
        return { feature, checked: needed, mismatches: found?.mismatches ?? 0, causes: found?.causes ?? {} }
      }),
    },
    n: checked,
  })
}

/** A version that does not read an affected feature shows with each of its predictions that nobody is told it. */
async function resolveWhenCovered(
  desk: AlertDesk,
  affected: AffectedFeatures,
  { model, checked, features, continues }: ParityFinding,
): Promise<void> {
  if (affected.size === 0 || checked === 0) return
  let most = 0
  for (const [name, one] of affected) {
    const covered = features.find(({ feature }) => feature === name)?.checked ?? checked
    one.clean = continues ? one.clean + covered : Math.max(one.clean, covered)
    most = Math.max(most, one.clean)
  }
  if ([...affected.values()].some(({ clean, needed }) => clean < needed)) return
  affected.clear()
  await desk.resolve({ model, kind: 'parity_mismatch' }, `${plural(most, 'prediction')} since, none of which differs.`)
}
