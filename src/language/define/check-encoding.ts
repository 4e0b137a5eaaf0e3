import type { DataTypeName } from '../../core/data-type.ts'
import type { EncodingDefinition } from './encoding-definition.ts'
import type { Mistakes } from './mistakes.ts'

const categorical: readonly DataTypeName[] = ['string', 'bool', 'int', 'number', 'decimal']
const numeric: readonly DataTypeName[] = ['int', 'number', 'decimal']

const takes: Record<EncodingDefinition['kind'], readonly DataTypeName[]> = {
  oneHot: categorical,
  ordinal: categorical,
  category: categorical,
  target: categorical,
  bucket: numeric,
  scale: numeric,
}

const MOST_CATEGORIES = 1000

/** Checks the parameters of an encoding and that it can take values of a type. */
export function checkEncoding(
  encoding: EncodingDefinition,
  type: DataTypeName,
  place: string,
  mistakes: Mistakes,
): void {
  const { kind } = encoding
  const report = (message: string): void => mistakes.add('definition_invalid', place, message)
  if (!Object.hasOwn(takes, kind)) {
    report(`There is no encoding '${String(kind)}'; there are ${Object.keys(takes).join(', ')}.`)
    return
  }
  if (!takes[kind].includes(type))
    mistakes.add('type_mismatch', place, `${kind} takes ${takes[kind].join(', ')}; here it is given ${type}.`)
  checkParameters(encoding, type, report)
}

function checkParameters(encoding: EncodingDefinition, type: DataTypeName, report: (message: string) => void): void {
  switch (encoding.kind) {
    case 'oneHot':
      if (!isWhole(encoding.most, 1, MOST_CATEGORIES))
        report(`most is a whole number from 1 to ${MOST_CATEGORIES}, not ${encoding.most}.`)
      return
    case 'ordinal':
      if (encoding.order === undefined) return
      if (encoding.order.length === 0 || new Set(encoding.order).size < encoding.order.length)
        report('order names each category once, and at least one.')
      if (encoding.order.some((category) => !fits(category, type))) report(`order holds what is no ${type}.`)
      return
    case 'target':
      if (!(Number.isFinite(encoding.smoothing) && encoding.smoothing >= 0)) report('smoothing is a number from 0 on.')
      return
    case 'bucket':
      if ('edges' in encoding) {
        const { edges } = encoding
        const ascend = edges.every((edge, index) => Number.isFinite(edge) && (index === 0 || edge > edges[index - 1]!))
        if (edges.length === 0 || !ascend) report('edges are numbers in ascending order, and at least one.')
      } else if (!isWhole(encoding.quantiles, 2, MOST_CATEGORIES))
        report(`quantiles is a whole number from 2 to ${MOST_CATEGORIES}, not ${encoding.quantiles}.`)
      return
    case 'scale':
      if (!['standard', 'minMax', 'robust'].includes(encoding.by))
        report(`scale goes by standard, minMax or robust, not by '${encoding.by}'.`)
  }
}

function fits(category: unknown, type: DataTypeName): boolean {
  if (type === 'string') return typeof category === 'string'
  return type === 'bool' ? typeof category === 'boolean' : typeof category === 'number' && Number.isFinite(category)
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
