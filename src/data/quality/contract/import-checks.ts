import type {
  CheckDefinition,
  CheckSeverity,
  CheckValue,
  Tolerance,
} from '../../../language/define/check-definition.ts'
import { countBounds, type Operators, operatorNames, toleranceOf } from './operators.ts'
import type { PartReader } from './unmapped.ts'

/** The engine that a check is marked with which the standard's metrics cannot say. */
export const ENGINE = 'trueline'

/**
 * The checks of a quality rule.
 * @param column of the property that it stands at; undefined at the level of the table
 */
export function importRule(rule: PartReader, column: string | undefined): CheckDefinition[] {
  const type = rule.text('type') ?? 'library'
  if (type === 'custom' && rule.text('engine') === ENGINE) return importOwn(rule)
  // Its older name.
  const metric = rule.text('metric') ?? rule.text('rule')
  if (type !== 'library' || metric === undefined) {
    rule.skip(
      undefined,
      `A rule of type ${type}${metric === undefined && type === 'library' ? ' without a metric' : ''} is not evaluated here.`,
    )
    return []
  }
  const severity = severityOf(rule.text('severity'))
  const unit = rule.text('unit') ?? 'rows'
  const operators = readOperators(rule)
  const given = rule.part('arguments')
  const made = checksOf(metric, column, severity, operators, unit, given, rule)
  given?.finish()
  rule.finish()
  return made
}

function importOwn(rule: PartReader): CheckDefinition[] {
  const text = rule.text('implementation') ?? ''
  for (const name of ['name', 'description', 'severity']) rule.value(name)
  rule.finish()
  try {
    return [JSON.parse(text) as CheckDefinition]
  } catch {
    rule.skip('implementation', 'It is no JSON.')
    return []
  }
}

function checksOf(
  metric: string,
  column: string | undefined,
  severity: CheckSeverity,
  operators: Operators,
  unit: string,
  given: PartReader | undefined,
  rule: PartReader,
): CheckDefinition[] {
  const refuse = (why: string): CheckDefinition[] => {
    rule.skip(undefined, why)
    return []
  }
  if (unit !== 'rows' && unit !== 'percent') return refuse(`There is no unit '${unit}' here.`)
  if (metric === 'rowCount') {
    const bounds = unit === 'rows' ? countBounds(operators) : undefined
    return bounds === undefined
      ? refuse('Its operators mean no one range of rows.')
      : [{ check: 'rowCount', ...bounds, severity }]
  }
  const allowed = toleranceOf(operators, unit)
  if (allowed === undefined) return refuse('Its operators demand that some rows breach it, or nothing.')
  const tolerance: { allowed?: Tolerance } = allowed === 'none' ? {} : { allowed }
  if (metric === 'duplicateValues') {
    const columns = given?.value('properties')
    if (Array.isArray(columns)) return [{ check: 'compoundKey', columns: columns.map(String), ...tolerance, severity }]
    return column === undefined
      ? refuse('It names no properties.')
      : [{ check: 'unique', column, ...tolerance, severity }]
  }
  if (column === undefined) return refuse('It stands at no property.')
  if (metric === 'nullValues') {
    if (allowed !== 'none' && 'share' in allowed && allowed.below !== true)
      return [{ check: 'completeness', column, min: Number((1 - allowed.share).toPrecision(12)), severity }]
    return [{ check: 'notNull', column, ...tolerance, severity }]
  }
  if (metric === 'missingValues') return missingChecks(column, given?.value('missingValues'), tolerance, severity)
  if (metric === 'invalidValues') return validChecks(column, given, tolerance, severity, refuse)
  return refuse(`There is no metric '${metric}' here.`)
}

/** Null counts as missing only where it is listed. */
function missingChecks(
  column: string,
  listed: unknown,
  tolerance: { allowed?: Tolerance },
  severity: CheckSeverity,
): CheckDefinition[] {
  const values = Array.isArray(listed) ? listed : [null]
  const tokens = values.filter((value) => value !== null).map(String)
  const hasNull = values.includes(null)
  const ofTokens = { check: 'missingTokens', column, tokens, ...tolerance, severity } as const
  if (!hasNull) return tokens.length === 0 ? [] : [ofTokens]
  if (tokens.length === 0) return [{ check: 'notNull', column, ...tolerance, severity }]
  if (tolerance.allowed === undefined) return [{ check: 'notNull', column, severity }, ofTokens]
  // Both are counted together.
  const value = { kind: 'column', name: column } as const
  const literals = tokens.map((token) => ({ kind: 'literal', type: 'string', value: token }) as const)
  const among = { kind: 'call', function: 'in', arguments: [value, ...literals] } as const
  const isNull = { kind: 'call', function: 'isNull', arguments: [value] } as const
  const missing = { kind: 'call', function: 'or', arguments: [isNull, among] } as const
  return [
    {
      check: 'expression',
      expression: { kind: 'call', function: 'not', arguments: [missing] },
      ...tolerance,
      severity,
    },
  ]
}

function validChecks(
  column: string,
  given: PartReader | undefined,
  tolerance: { allowed?: Tolerance },
  severity: CheckSeverity,
  refuse: (why: string) => CheckDefinition[],
): CheckDefinition[] {
  const listed = given?.value('validValues')
  const pattern = given?.text('pattern')
  if (Array.isArray(listed) && pattern !== undefined && tolerance.allowed !== undefined)
    return refuse('Values and a pattern are counted together, which is not possible here.')
  const made: CheckDefinition[] = []
  if (Array.isArray(listed))
    made.push({
      check: 'inSet',
      column,
      values: listed.filter((value) => value !== null) as CheckValue[],
      ...tolerance,
      severity,
    })
  if (pattern !== undefined) made.push({ check: 'pattern', column, pattern, ...tolerance, severity })
  return made.length > 0 ? made : refuse('It says neither which values are valid nor a pattern.')
}

function readOperators(rule: PartReader): Operators {
  const operators: Record<string, unknown> = {}
  for (const name of operatorNames) {
    const value = rule.value(name)
    if (value === undefined || value === null) continue
    const isPair = Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number')
    if (name.endsWith('Between') ? isPair : typeof value === 'number') operators[name] = value
    else rule.skip(name, 'It is compared with no number.')
  }
  return operators
}

function severityOf(severity: string | undefined): CheckSeverity {
  if (severity === undefined) return 'fail'
  return /^(info|information|warn|warning|low|minor)$/i.test(severity) ? 'warn' : 'fail'
}
