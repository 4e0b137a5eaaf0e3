import { columnsOf } from '../expr/columns-of.ts'
import { checkName, checkOwnName } from './check-name.ts'
import type { DerivedDefinition, ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import { definitionsOf, valueKinds } from './reads.ts'

/** Checks that what derived features read is there; how it fits together is checked with each model, whose rows ask. */
export function checkDerived(definition: DerivedDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { name: own, reads, select } = definition
  checkOwnName(own, ['features', 'request'], project, mistakes)
  if (Object.keys(select).length === 0) mistakes.add('definition_invalid', 'select', 'It selects no feature.')
  for (const [name, expression] of Object.entries(select)) {
    const place = `select.${name}`
    checkName(name, place, mistakes)
    for (const column of columnsOf(expression)) {
      const read = reads[column]
      if (read === undefined) continue
      const { kind, name: of, feature } = read
      const found = definitionsOf(kind, project)
      if (!mistakes.known('unknown_feature', place, valueKinds[kind], of, Object.keys(found))) continue
      mistakes.known('unknown_feature', place, `feature of '${of}' named`, feature, Object.keys(found[of]!.select))
    }
  }
}
