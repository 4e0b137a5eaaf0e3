import { canonicalJson } from '../../core/canonical.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import type { OutcomeChange } from '../../operate/monitoring/model-monitor.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'

const MOST_CLASSES = 20
const MOST_CHARACTERS = 200

/**
 * Dead letters of outcomes that are none of the classes, and so label nothing: with what they say, unless that may be sensitive, and the
 * class that was most likely meant.
 */
export function unknownClasses(
  project: ProjectDefinition,
  { name, label }: ModelDefinition,
  changes: readonly OutcomeChange[],
): NewDeadLetter[] {
  const refused = changes.flatMap(({ next }) => (next?.noClass === undefined ? [] : [{ ...next, said: next.noClass }]))
  if (refused.length === 0) return []
  const { from, classes = [], expression } = label
  const isMasked = columnsOf(expression).some((column) => project.streams[from]!.schema[column]?.sensitive === true)
  const named = classes.slice(0, MOST_CLASSES).map((one) => `'${one}'`)
  const more = classes.length > MOST_CLASSES ? ` and ${classes.length - MOST_CLASSES} more` : ''
  return refused.map(({ said, id, eventTime }) => {
    const near = isMasked ? undefined : nearestName(said, classes)
    const meant = near === undefined ? '' : ` Did you mean '${near}'?`
    const outcome = isMasked ? MASK : cut(said)
    return {
      ...{ stream: from, scope: 'label', code: 'unknown_class' },
      reason: `The outcome '${outcome}' is none of the classes of '${name}': ${named.join(', ')}${more}.${meant}`,
      row: canonicalJson({ id: shownId(project, from, id), event_time: eventTime, outcome }),
    }
  })
}

function cut(text: string): string {
  const characters = [...text.slice(0, 2 * MOST_CHARACTERS)]
  return characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS).join('')}…` : text
}

/** The id of an event, masked where it is made of what is sensitive. */
export function shownId({ streams }: ProjectDefinition, stream: string, id = ''): string {
  const { id: columns, schema } = streams[stream]!
  return columns.some((column) => schema[column]?.sensitive === true) ? MASK : id
}
