import { formatTime } from '../../core/time.ts'
import type { ContractColumn } from './model-contract.ts'

/** What differs between two contracts in a column that both have. */
export interface ColumnChange {
  readonly kind:
    | 'column_retyped'
    | 'column_widened'
    | 'column_required'
    | 'column_optional'
    | 'default_changed'
    | 'range_narrowed'
    | 'range_widened'
    | 'values_removed'
    | 'values_added'
    | 'unknown_refused'
    | 'unknown_taken'
    | 'column_used'
    | 'column_unused'
  readonly breaking: boolean
  readonly sentence: string
}

type Column = ContractColumn

/** What differs in a column: breaking when some value, or the lack of one, was right before and no longer is. */
export function columnChanges(name: string, before: Column, after: Column): readonly ColumnChange[] {
  const changes = [...typeChanges(name, before, after), ...missingChanges(name, before, after)]
  if (before.used !== after.used)
    changes.push({
      kind: after.used ? 'column_used' : 'column_unused',
      breaking: false,
      sentence: `The model ${after.used ? 'reads' : 'no longer reads'} '${name}'.`,
    })
  return changes
}

function typeChanges(name: string, before: Column, after: Column): ColumnChange[] {
  const words = `'${name}' is ${typeText(after)}; it was ${typeText(before)}.`
  const changes: ColumnChange[] = []
  if (typeText(before) !== typeText(after)) {
    if (!isWider(before, after)) return [{ kind: 'column_retyped', breaking: true, sentence: words }]
    changes.push({ kind: 'column_widened', breaking: false, sentence: words })
  }
  return [...changes, ...rangeChanges(name, before, after), ...valueChanges(name, before, after)]
}

function typeText({ type, scale }: Column): string {
  return scale === undefined ? type : `${type}(${scale})`
}

/**
 * Whether each value of one type is one of another: an int is a number, and a decimal one with more digits after the
 * point as long as its units stay whole.
 */
function isWider(before: Column, after: Column): boolean {
  if (before.type === 'int') return after.type === 'number'
  if (before.type !== 'decimal' || after.type !== 'decimal') return false
  const [few, many] = [before.scale ?? 0, after.scale ?? 0]
  const largest = Math.max(Math.abs(before.min ?? Infinity), Math.abs(before.max ?? Infinity))
  return many > few && largest * 10 ** many <= Number.MAX_SAFE_INTEGER
}

function rangeChanges(name: string, before: Column, after: Column): ColumnChange[] {
  const isNarrower =
    (after.min ?? -Infinity) > (before.min ?? -Infinity) ||
    (after.max ?? Infinity) < (before.max ?? Infinity) ||
    (after.maxLength ?? Infinity) < longestText(before, after)
  const [was, is] = [rangeText(before), rangeText(after)]
  if (isNarrower)
    return [{ kind: 'range_narrowed', breaking: true, sentence: `'${name}' takes ${is}; it took ${was}.` }]
  if (was === is) return []
  return [{ kind: 'range_widened', breaking: false, sentence: `'${name}' takes ${is}; it took ${was}.` }]
}

/** Most characters of a text that was right before and counts as one after; one that became null was of any length. */
function longestText({ maxLength = Infinity, unknown }: Column, after: Column): number {
  return unknown === 'null' && after.unknown !== 'null' ? Infinity : maxLength
}

function rangeText({ min, max, maxLength }: Column): string {
  const bounds = [
    ...(min === undefined ? [] : [`${min} or more`]),
    ...(max === undefined ? [] : [`${max} or less`]),
    ...(maxLength === undefined ? [] : [`up to ${maxLength} characters`]),
  ]
  return bounds.length === 0 ? 'any value' : bounds.join(' and ')
}

function valueChanges(name: string, before: Column, after: Column): ColumnChange[] {
  const changes: ColumnChange[] = []
  const gone = (before.oneOf ?? []).filter((value) => after.oneOf?.includes(value) === false)
  const come = (after.oneOf ?? []).filter((value) => before.oneOf?.includes(value) === false)
  const nulls = after.unknown === 'null'
  const end = nulls ? ' become null' : ' are refused'
  if (before.oneOf === undefined && after.oneOf !== undefined)
    changes.push({
      kind: 'values_removed',
      breaking: !nulls,
      sentence: `'${name}' knows ${listed(after.oneOf)} alone; all other values${end}.`,
    })
  if (gone.length > 0)
    changes.push({
      kind: 'values_removed',
      breaking: !nulls,
      sentence: `'${name}' no longer knows ${listed(gone)}: such values${end}.`,
    })
  if (come.length > 0 || (before.oneOf !== undefined && after.oneOf === undefined))
    changes.push({
      kind: 'values_added',
      breaking: false,
      sentence: `'${name}' takes ${after.oneOf === undefined ? 'any value' : listed(come)} now.`,
    })
  if (before.unknown === 'null' && !nulls && after.oneOf !== undefined)
    changes.push({
      kind: 'unknown_refused',
      breaking: true,
      sentence: `Values of '${name}' that are unknown are refused; they became null.`,
    })
  if (before.unknown === undefined && before.oneOf !== undefined && nulls)
    changes.push({
      kind: 'unknown_taken',
      breaking: false,
      sentence: `Values of '${name}' that are unknown become null; they were refused.`,
    })
  return changes
}

const MOST_LISTED = 5

function listed(values: readonly string[]): string {
  const shown = values.slice(0, MOST_LISTED).map((value) => `'${value}'`)
  const others = values.length - shown.length
  return `${shown.join(', ')}${others === 0 ? '' : ` and ${others} more`}`
}

function missingChanges(name: string, before: Column, after: Column): ColumnChange[] {
  if (after.missing === 'refuse' && before.missing !== 'refuse')
    return [{ kind: 'column_required', breaking: true, sentence: `'${name}' is needed; it could be left out.` }]
  if (before.missing === 'refuse' && after.missing !== 'refuse')
    return [{ kind: 'column_optional', breaking: false, sentence: `'${name}' may be left out; it was needed.` }]
  if (before.default === after.default) return []
  const words = (value: number | undefined) => (value === undefined ? 'null' : formatTime(value))
  const sentence = `A row without '${name}' has ${words(after.default)}; it had ${words(before.default)}.`
  return [{ kind: 'default_changed', breaking: false, sentence }]
}
