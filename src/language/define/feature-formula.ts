import { formatDuration, formatTime } from '../../core/time.ts'
import type { FeatureDefinition } from './definitions.ts'
import { describeExpression } from './logic.ts'
import type { Window } from './window.ts'

/**
 * A feature as one expression, much as a project file has it.
 * @example featureFormula(feature) // "mean(delay_min).where(delay_min > 15).over('1h')"
 */
export function featureFormula({ aggregate, argument, parameters, where, window }: FeatureDefinition): string {
  const given = [
    ...(argument === undefined ? [] : [describeExpression(argument)]),
    ...(parameters === undefined ? [] : [JSON.stringify(parameters)]),
  ]
  const condition = where === undefined ? '' : `.where(${describeExpression(where)})`
  return `${aggregate}(${given.join(', ')})${condition}.over(${windowFormula(window)})`
}

function windowFormula(window: Window): string {
  const delay = window.delay === undefined ? [] : [`delay: '${formatDuration(window.delay)}'`]
  const withOptions = (first: readonly string[], options: readonly string[]): string => {
    const all = [...options, ...delay]
    return [...first, ...(all.length === 0 ? [] : [`{ ${all.join(', ')} }`])].join(', ')
  }
  switch (window.kind) {
    case 'exact':
      return withOptions([`'${formatDuration(window.length)}'`], [])
    case 'hop':
      return withOptions([`'${formatDuration(window.length)}'`], [`hop: '${formatDuration(window.hop)}'`])
    case 'lifetime':
      return withOptions(["'lifetime'"], [])
    case 'since':
      return withOptions([], [`since: '${formatTime(window.from)}'`])
    case 'calendar':
      return withOptions([], [`calendar: '${window.unit}'`, `zone: '${window.zone}'`])
    case 'session':
      return withOptions(
        [],
        [`session: '${formatDuration(window.gap)}'`, `maximum: '${formatDuration(window.maximum)}'`],
      )
    case 'rows':
      return withOptions([], [`rows: ${window.rows}`, `within: '${formatDuration(window.within)}'`])
  }
}
