import { TruelineError } from '../../core/errors.ts'
import { mistakesOf } from './mistakes.ts'

/** Every option that a builder takes, so that the compiler tells when one is forgotten here. */
export type OptionsOf<Options> = Readonly<Record<Options extends unknown ? keyof Options : never, true>>

/**
 * Refuses options that a builder does not take: node runs project files without compiling them, so a misspelt one would
 * pass for one that was left out.
 * @param place where they are given, such as `stream 'orders'`
 * @throws TruelineError `definition_invalid`, with the nearest name; also where there are none at all
 */
export function checkOptions<Options extends object>(place: string, options: Options, known: OptionsOf<Options>): void {
  if (typeof options !== 'object' || options === null)
    throw new TruelineError('definition_invalid', `${place}: Its options are not given as an object.`, {
      path: place,
      remedy: `It takes: ${Object.keys(known).join(', ')}.`,
    })
  const found: TruelineError[] = []
  const mistakes = mistakesOf(place, found)
  for (const name of Object.keys(options)) mistakes.known('definition_invalid', '', 'option', name, Object.keys(known))
  if (found.length > 0) throw found[0]!
}
