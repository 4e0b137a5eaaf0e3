import { TruelineError } from '../../core/errors.ts'

/** What would ask a shell for something, outside of quotes. */
const OF_A_SHELL = /[|&;<>()$`*?#~\\\n\r]/

/**
 * The words of a command line: parted by spaces, those in single or double quotes kept together. No shell ever reads it, so that
 * nothing in it is a variable, a pattern or a second command; what looks like one is refused.
 * @param path where it is given
 * @throws TruelineError `definition_invalid`
 * @example splitWords("python 'my train.py' --fast", 'run') // ['python', 'my train.py', '--fast']
 */
export function splitWords(text: string, path: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  for (const [part, single, double, plain] of text.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)|\s+|['"]/g)) {
    const taken = single ?? double ?? plain
    if (taken === undefined && part.trim() !== '') throw refused(text, path, `A quote in '${text}' is not closed.`)
    if (plain !== undefined && OF_A_SHELL.test(plain))
      throw refused(text, path, `'${plain}' is meant for a shell, and none reads the command.`)
    if (taken !== undefined) word = (word ?? '') + taken
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}

function refused(text: string, path: string, message: string): TruelineError {
  return new TruelineError('definition_invalid', `${path}: ${message}`, {
    path,
    remedy: `Put what '${text}' does into a file and run that, or give the words as a list: ['python', 'train.py'].`,
  })
}
