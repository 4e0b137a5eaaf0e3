import process from 'node:process'

/** A command of ours in a text: the name with a verb or an option behind it, and not in a sentence about the program. */
const COMMAND = /(?<![\w/.@-]|npx )trueline(?= (?:--)?[a-z])(?! (?:is|was|has|can|needs|and|or|data)\b)/g

/**
 * A text as whoever reads it can type its commands: `trueline` alone is on no path where it was run by npx, or from a clone.
 * @param environment of the process: a clone's scripts say in TRUELINE_CALLED_AS how it was called
 */
export function asCalled(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const name = calledAs(environment)
  return name === 'trueline' ? text : text.replaceAll(COMMAND, () => name)
}

/** How this program is called here. */
export function calledAs(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['TRUELINE_CALLED_AS']
  if (given !== undefined && given !== '') return given
  return environment['npm_lifecycle_event'] === 'npx' ? 'npx trueline' : 'trueline'
}

/**
 * How this program is called from the folder that it was called in, about the platform that it was told of: commands to
 * copy must find it.
 * @param told the options that say which platform it is, as they were given
 */
export function calledAbout(
  told: { readonly config?: string | undefined; readonly directory?: string | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const options = (['config', 'directory'] as const).flatMap((name) => {
    const value = told[name]
    return value === undefined ? [] : [`--${name}`, quotedWhereNeeded(value)]
  })
  return [calledAs(environment), ...options].join(' ')
}

function quotedWhereNeeded(text: string): string {
  return /^[\w:/@.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
