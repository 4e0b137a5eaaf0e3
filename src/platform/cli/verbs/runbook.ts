import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { printJson, printLine } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `runbook`: what to do about an alert. */
export const runbook: Verb = (program: Command) => {
  program
    .command('runbook [name]')
    .description('what to do about an alert; without a name, all runbooks')
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { json } = optionsOf(command)
      const names = readdirSync(packageFile('docs', 'runbooks'))
        .filter((file) => file.endsWith('.md'))
        .map((file) => file.slice(0, -3))
      if (name === undefined) {
        if (json === true) printJson(names)
        else for (const one of names) printLine(one)
        return
      }
      const path = packageFile('docs', 'runbooks', `${name}.md`)
      if (!names.includes(name) || !existsSync(path))
        throw new TruelineError('not_found', `There is no runbook '${name}'.`, {
          remedy: `There are: ${names.join(', ')}.`,
        })
      const text = await readFile(path, 'utf8')
      if (json === true) printJson({ name, text })
      else printLine(text)
    })
}
