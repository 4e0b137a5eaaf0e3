import type { ModelInput, ProjectDefinition } from '../../language/define/definitions.ts'
import type { MemberChange } from '../api/definition-answers.ts'

/** The definitions of a project that depend on one of it, directly or not, by kind and name such as `model late`. */
export function dependentsOf(kind: MemberChange['kind'], name: string, project: ProjectDefinition): readonly string[] {
  const all = directOf(project)
  const found = new Set<string>()
  const visit = (one: string): void => {
    for (const { dependent, on } of all)
      if (on.includes(one) && !found.has(dependent)) {
        found.add(dependent)
        visit(dependent)
      }
  }
  visit(`${kind} ${name}`)
  return all.flatMap(({ dependent }) => (found.has(dependent) ? [dependent] : []))
}

interface Dependence {
  readonly dependent: string
  readonly on: readonly string[]
}

function directOf(project: ProjectDefinition): readonly Dependence[] {
  const of = <Definition extends { readonly name: string }>(
    kind: string,
    definitions: Readonly<Record<string, Definition>> | undefined,
    on: (definition: Definition) => readonly string[],
  ): readonly Dependence[] =>
    Object.values(definitions ?? {}).map((one) => ({ dependent: `${kind} ${one.name}`, on: on(one) }))
  return [
    ...of('features', project.features, ({ from, entity }) => [`stream ${from}`, `entity ${entity}`]),
    ...of('table', project.tables, ({ name }) => [`stream ${name}`]),
    ...of('derived', project.derived, ({ reads }) => Object.values(reads).map(({ kind, name }) => `${kind} ${name}`)),
    ...of('model', project.models, ({ at, label, features }) => [
      `stream ${at}`,
      `stream ${label.from}`,
      ...features.flatMap(readBy),
    ]),
    ...of('batch', project.batches, ({ model }) => [`model ${model}`]),
    ...of('stream', project.streams, ({ madeBy }) => (madeBy === undefined ? [] : [`model ${madeBy}`])),
  ]
}

function readBy(input: ModelInput): readonly string[] {
  if (input.kind === 'encoded') return readBy(input.input)
  return input.kind === 'pick' ? [] : [`${input.kind} ${input.name}`]
}
