import type { LabelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

const FEWEST_CLASSES = 3
const MOST_CLASSES = 100
const LONGEST_CLASS = 200

/** Checks the classes of a label, its outcome being of the type `type`. */
export function checkClasses({ classes, absent }: LabelDefinition, type: string, mistakes: Mistakes): void {
  const add = (message: string, remedy?: string): void =>
    mistakes.add('definition_invalid', 'label.classes', message, remedy)
  if (classes === undefined) return
  if (!Array.isArray(classes) || classes.some((name) => typeof name !== 'string')) {
    add('Classes are a list of texts.')
    return
  }
  if (type !== 'string')
    mistakes.add('type_mismatch', 'label', `Classes are told by a text; this outcome is a ${type}.`)
  if (classes.length < FEWEST_CLASSES || classes.length > MOST_CLASSES)
    add(
      `There are ${classes.length} classes; it takes ${FEWEST_CLASSES} to ${MOST_CLASSES}.`,
      classes.length === 2
        ? `For two classes use a condition: label(stream, col('outcome').eq('${classes[0]}')).`
        : undefined,
    )
  for (const [index, name] of classes.entries()) {
    if (name === '' || name.length > LONGEST_CLASS) add(`A class has a name of 1 to ${LONGEST_CLASS} characters.`)
    if (!name.isWellFormed()) add(`The name of class ${index} is no text: it holds half of a character.`)
    if (name === 'exclude') add("'exclude' says that rows without an outcome are left out: name the class another way.")
    if (classes.indexOf(name) !== index) add(`The class '${name}' is there twice.`)
  }
  if (absent !== 'exclude') mistakes.known('definition_invalid', 'label.absent', 'class', String(absent.value), classes)
}
