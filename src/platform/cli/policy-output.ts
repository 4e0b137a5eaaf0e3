import type { PolicyReport } from '../../operate/retraining/simulation.ts'
import { printLine, printTable } from './output.ts'
import { trend } from './trend.ts'

/** What policies cost and brought, one a line; then how good what served was by stretch of time, one policy a column. */
export function printPolicies(reports: readonly PolicyReport[]): void {
  const [first] = reports
  if (first === undefined) return
  const { metric, stretches } = first
  const known = reports.flatMap((one) => one.stretches.flatMap(({ value }) => (value === null ? [] : [value])))
  const range = { low: Math.min(...known), high: Math.max(...known) }
  printTable(
    ['policy', 'trainings', 'failed', 'seconds', 'promoted', 'taken back', 'alerts', metric, '95%', 'over time'],
    reports.map((one) => [
      ...[one.policy, one.runs, one.failed, Number(one.seconds.toFixed(1)), one.promotions, one.reverted, one.alerts],
      ...[shown(one.overall.value), intervalOf(one.overall)],
      trend(
        one.stretches.map(({ value }) => value),
        range,
      ),
    ]),
  )
  if (stretches.length > 1) {
    printLine()
    printTable(
      [`${metric} from`, ...reports.map(({ policy }) => policy), 'predictions', 'with outcome'],
      stretches.map(({ name, predictions, labelled }, place) => [
        name,
        ...reports.map((one) => shown(one.stretches[place]?.value ?? null)),
        ...[predictions, labelled],
      ]),
    )
  }
  printLine()
  printLine(`${metric} is that of what served, on the predictions of each stretch whose outcomes came.`)
}

function intervalOf({ low, high }: PolicyReport['overall']): string | undefined {
  return low === undefined || high === undefined ? undefined : `${low.toFixed(4)} to ${high.toFixed(4)}`
}

function shown(value: number | null): string | undefined {
  return value?.toFixed(4)
}
