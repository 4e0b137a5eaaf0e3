import { shortDigest } from '../../core/digest.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { freshnessOf } from '../../data/features/freshness.ts'
import type { LiveMemory } from '../../kernel/live.ts'
import type { DerivedDefinition, ProjectDefinition, RequestDefinition } from '../../language/define/definitions.ts'
import { digestOfFeatures, digestOfTable } from '../../language/define/digest.ts'
import { featureFormula } from '../../language/define/feature-formula.ts'
import { describeExpression, describeFeature, describeTableColumn } from '../../language/define/logic.ts'
import { typeOfRead } from '../../language/define/reads.ts'
import type { CatalogueFeature } from '../api/catalogue-answers.ts'
import type { Parts } from './assemble-platform.ts'

/** What a feature is, whoever reads it. */
export type FeatureMeaning = Omit<CatalogueFeature, 'consumers' | 'trainedOn' | 'parity'>

/** All features in force by name, and then those that are kept for versions that read them as they were. */
export function meaningsOf(parts: Parts, memoryOf: (group: EngineGroup) => LiveMemory): FeatureMeaning[] {
  const { project, engine } = parts
  const own = new Set(Object.values(project.features).map((definition) => digestOfFeatures(definition, project)))
  const windowed = engine
    .groups()
    .flatMap((group) => windowedMeanings(parts, group, memoryOf(group), own.has(group.digest)))
  const inForce = [...windowed.filter((one) => one.inForce), ...tableMeanings(project), ...computedMeanings(project)]
  const byName = (a: FeatureMeaning, b: FeatureMeaning): number => (a.name < b.name ? -1 : Number(a.name > b.name))
  return [...inForce.sort(byName), ...windowed.filter((one) => !one.inForce).sort(byName)]
}

function windowedMeanings(
  { clock }: Parts,
  group: EngineGroup,
  { entities, bytes }: LiveMemory,
  inForce: boolean,
): FeatureMeaning[] {
  const { definition, digest } = group
  const { name, owner, description, entity, from, select } = definition
  const { promised, age, degraded } = freshnessOf(group, clock.now())
  return Object.entries(select).map(([feature, one]) => ({
    id: `${name}.${feature}${inForce ? '' : `@${shortDigest(digest)}`}`,
    name: `${name}.${feature}`,
    kind: 'windowed',
    ...prose({ owner, description: one.description ?? description }),
    ...{ type: one.type, entity, from, digest, inForce },
    logic: describeFeature(one),
    expression: featureFormula(one),
    freshness: { ...(promised === undefined ? {} : { promised }), ...(age === undefined ? {} : { age }), degraded },
    state: { entities, ...(entities === 0 ? {} : { bytesPerEntity: bytes / entities }) },
  }))
}

function tableMeanings(project: ProjectDefinition): FeatureMeaning[] {
  return Object.values(project.tables).flatMap((definition) =>
    Object.entries(definition.select).map(
      ([column, { type }]): FeatureMeaning => ({
        ...{ id: `${definition.name}.${column}`, name: `${definition.name}.${column}`, kind: 'table', type },
        ...prose(definition),
        ...{ from: definition.name, digest: digestOfTable(definition, project), inForce: true },
        logic: describeTableColumn(definition, column),
        expression: `${definition.name}.${column}`,
      }),
    ),
  )
}

/** Request and derived features; their types are those that they have in the row of a model that reads them. */
function computedMeanings(project: ProjectDefinition): FeatureMeaning[] {
  const models = Object.values(project.models)
  const definitions: readonly (RequestDefinition | DerivedDefinition)[] = [
    ...Object.values(project.requests),
    ...Object.values(project.derived),
  ]
  return definitions.flatMap(({ kind, name, select, ...rest }) => {
    const reader = models.find(({ features }) =>
      features.some((given) => {
        const input = given.kind === 'encoded' ? given.input : given
        return input.kind === kind && input.name === name
      }),
    )
    const row = reader === undefined ? undefined : project.streams[reader.at]!.schema
    return Object.entries(select).map(([feature, expression]): FeatureMeaning => {
      const formula = describeExpression(expression)
      return {
        ...{ id: `${name}.${feature}`, name: `${name}.${feature}`, kind },
        ...(row === undefined ? {} : { type: typeOfRead({ kind, name, feature }, project, row).type }),
        ...prose(rest),
        ...{ logic: `value of ${formula}`, expression: formula, inForce: true },
      }
    })
  })
}

function prose({ owner, description }: { owner?: string | undefined; description?: string | undefined }) {
  return { ...(owner === undefined ? {} : { owner }), ...(description === undefined ? {} : { description }) }
}

/** What a search looks through. */
export function textOf({ id, description, owner, logic, expression, entity, from }: FeatureMeaning): string {
  return [id, description, owner, logic, expression, entity, from].join(' ').toLowerCase()
}
