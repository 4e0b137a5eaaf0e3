import type { DataType, Value } from '../../core/data-type.ts'
import { textCode } from '../../core/text-code.ts'
import type { OverrideDefinition } from '../../language/define/decision-definition.ts'
import { inputNamed, namedInputs } from '../../language/define/decision-reads.ts'
import { typeOfRead } from '../../language/define/reads.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression, type Evaluator } from '../../language/expr/compile.ts'
import type { ServedVersion } from './served-version.ts'
import type { Verdict } from './verdict.ts'

/** The rules of a model, ready to be tried. */
export interface DecisionRules {
  /** Columns of the asking row that they read, besides the vector. */
  readonly rowColumns: readonly string[]
  /** Places in the vector of the values that they read. */
  readonly inputs: readonly number[]
  /**
   * The verdict of the first rule that holds.
   * @param values the vector
   * @param row values of the asking row in the order of the columns of its stream; of a raw vector there is none, and
   *   what is only in the row is null
   */
  find(values: Float64Array, row: readonly Value[] | undefined): Verdict | undefined
}

/** What a rule reads by a name: an input of the vector, or a column of the asking row. */
interface RuleColumn {
  readonly name: string
  readonly type: DataType
  /** Places; -1 where it is not there. */
  readonly input: number
  readonly column: number
}

type Served = Pick<ServedVersion, 'model' | 'project' | 'plan'>

/** Texts are compared by the codes that vectors hold, so that a rule says the same of a row and of its vector. */
const lastingCodes = { encode: textCode }

/** The rules of a model; undefined when it has none. */
export function createDecisionRules(served: Served): DecisionRules | undefined {
  const { overrides = [] } = served.model.serve
  if (overrides.length === 0) return undefined
  const columns = columnsOfRules(overrides, served)
  const schema = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const cells = columns.map(() => new Float64Array(1))
  const rules = overrides.map(({ when, decision, reason, text }): readonly [Evaluator, Verdict] => [
    compileExpression(when, schema, lastingCodes),
    { decision, decidedBy: `rule:${reason}`, reason: { code: reason, ...(text === undefined ? {} : { text }) } },
  ])
  return {
    rowColumns: columns.flatMap(({ name, input }) => (input === -1 ? [name] : [])),
    inputs: columns.flatMap(({ input }) => (input === -1 ? [] : [input])),
    find(values, row) {
      for (let index = 0; index < columns.length; index += 1) {
        const { input, column } = columns[index]!
        cells[index]![0] = input === -1 ? encoded(row?.[column]) : values[input]!
      }
      for (const [holds, verdict] of rules) if (holds(cells, 0) === 1) return verdict
      return undefined
    },
  }
}

function columnsOfRules(overrides: readonly OverrideDefinition[], { model, project, plan }: Served): RuleColumn[] {
  const inputs = namedInputs(model, project)
  const { schema } = project.streams[model.at]!
  const rowNames = Object.keys(schema)
  const found = new Map<string, RuleColumn>()
  for (const { when, reads } of overrides)
    for (const name of columnsOf(when)) {
      const read = Object.hasOwn(reads, name) ? reads[name]! : ({ kind: 'row', column: name } as const)
      const called = inputNamed(read, inputs)
      const input = plan.inputs.findIndex((one) => one.name === called)
      const type = plan.inputs[input] ?? schema[name] ?? typeOfRead(read, project, schema)
      found.set(name, { name, type, input, column: rowNames.indexOf(name) })
    }
  return [...found.values()]
}

function encoded(value: Value | undefined): number {
  if (value === null || value === undefined) return Number.NaN
  return typeof value === 'string' ? textCode(value) : Number(value)
}
