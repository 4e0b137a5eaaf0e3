import type { ModelDefinition, ProjectDefinition } from '../../../language/define/definitions.ts'
import { columnsOf } from '../../../language/expr/columns-of.ts'
import { findIdentifying, findKnowing } from './find-in-inputs.ts'
import {
  findAtOnce,
  findCrossing,
  findFilledLater,
  findFuture,
  findKnownAfter,
  findRepeated,
  findUntimely,
} from './find-in-rows.ts'
import type { LeakFinding, LeakReport } from './leak-finding.ts'
import type { LeakRows } from './leak-rows.ts'

/**
 * Searches the rows of a model for what it could not know when it is asked: by the definitions, and by what the rows
 * show. A function of its arguments alone.
 * @param model whose `quality.leaks` says from when on something counts
 */
export function checkLeaks(model: ModelDefinition, project: ProjectDefinition, rows: LeakRows): LeakReport {
  const rules = model.quality?.leaks ?? {}
  const { allow = [] } = rules
  const nameOf = (column: string): string | undefined =>
    rows.inputs.find((input) => columnsOfInput(input).includes(column))?.name
  const findings = [
    ...findMadeOfLabel(model, project, rows),
    ...findKnowing(rows, rules),
    ...findKnownAfter(rows),
    ...findAtOnce(
      rows,
      rows.groups.some(({ definition }) => definition.from === model.label.from),
    ),
    ...findFilledLater(rows, nameOf),
    ...findCrossing(rows),
    ...findUntimely(rows),
    ...findRepeated(rows, rules),
    ...findFuture(rows, nameOf),
    ...findIdentifying(rows, rules),
    ...findStatic(rows),
  ].filter(({ code, input }) => !allow.includes(code) && (input === undefined || !allow.includes(input)))
  const rank = { fail: 0, warn: 1, note: 2 }
  const sorted = findings.toSorted((a, b) => rank[a.severity] - rank[b.severity])
  const worst = sorted[0]?.severity
  return {
    verdict: worst === 'fail' || worst === 'warn' ? worst : 'pass',
    rows: rows.labels.length,
    findings: sorted,
  }
}

/** Columns of the asking row that an input is computed from. */
function columnsOfInput({ source }: LeakRows['inputs'][number]): readonly string[] {
  return source.kind === 'row' ? [...columnsOf(source.expression)] : []
}

/** Inputs read from the very event that the label is made of. */
function findMadeOfLabel({ at, label }: ModelDefinition, project: ProjectDefinition, rows: LeakRows): LeakFinding[] {
  if (at !== label.from) return []
  const { key } = project.streams[at]!
  const joinsItself = Object.entries(label.on).every(([own, other]) => own === other && key.includes(own))
  if (!joinsItself) return []
  const made = new Set(columnsOf(label.expression))
  return rows.inputs.flatMap((input): LeakFinding[] => {
    const shared = columnsOfInput(input).filter((column) => made.has(column))
    if (shared.length === 0) return []
    return [
      {
        ...{ code: 'made_of_label', severity: 'fail', input: input.name },
        sentence: `'${input.name}' reads '${shared[0]}' of the row that asks, and the label is made of '${shared[0]}' of the same stream.`,
        evidence: { column: shared[0]!, stream: at },
        remedy: 'Ask at a stream of its own, whose rows are there before the outcome is.',
        examples: [],
      },
    ]
  })
}

/** Values of tables without history: rows of the past see what holds today. */
function findStatic({ inputs, tables }: LeakRows): LeakFinding[] {
  return inputs.flatMap(({ name, source }): LeakFinding[] => {
    if (source.kind !== 'table' || !tables[source.table]!.definition.static) return []
    return [
      {
        ...{ code: 'static_table', severity: 'note', input: name },
        sentence: `'${name}' comes from a table without history: rows of the past see the value of today.`,
        evidence: {},
        remedy: 'Give the table validFrom, unless its values never change.',
        examples: [],
      },
    ]
  })
}
