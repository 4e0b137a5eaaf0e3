import type { Evaluation } from '../api/contract.ts'
import { type Cell, printLine, printTable } from './output.ts'

type OfClasses = NonNullable<Evaluation['ofClasses']>

/** Classes that are listed; `--json` has all. */
const MOST_CLASSES = 20

/** Prints how well a model told each of its classes. */
export function printClasses({ classes }: OfClasses): void {
  printTable(['  class', 'rows', 'recall', 'precision', 'AUC', 'calibration error'], classRows({ classes }))
  if (classes.length > MOST_CLASSES) printLine(`  and ${classes.length - MOST_CLASSES} more, see --json`)
}

/** The rows of that table; nothing where a share is not defined. */
export function classRows({ classes }: Pick<OfClasses, 'classes'>): readonly (readonly Cell[])[] {
  return classes
    .slice(0, MOST_CLASSES)
    .map(({ name, rows, recall, precision, auc, calibrationError }) => [
      `  ${name}`,
      rows,
      recall?.toFixed(4),
      precision?.toFixed(4),
      auc?.value.toFixed(4),
      calibrationError?.toFixed(4),
    ])
}
