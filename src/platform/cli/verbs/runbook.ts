import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'

interface RunbookOptions {
  readonly drilled?: string
  readonly reason?: string
}

/** `runbook`: what to do about an alert; and that somebody went through it as if there were one. */
export const runbook: Verb = (program: Command) => {
  program
    .command('runbook [name]')
    .description('what to do about an alert; without a name, all runbooks')
    .option('--drilled <how>', 'keep that it was gone through as if there were an alert: well or badly (--as NAME)')
    .option('--reason <text>', 'with --drilled: what was done, and what came of it')
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<RunbookOptions>(command)
      const { json, drilled } = options
      if (drilled !== undefined) {
        await keepDrill(name, drilled, options)
        return
      }
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

async function keepDrill(
  runbook: string | undefined,
  went: string,
  { reason, as, ...options }: RunbookOptions & GlobalOptions,
): Promise<void> {
  if (runbook === undefined || reason === undefined || (went !== 'well' && went !== 'badly'))
    throw new TruelineError('invalid_arguments', 'It needs a runbook, whether the drill went well or badly, and why.', {
      path: '--drilled',
      remedy: 'trueline runbook data_drift --drilled well --reason "Found the input and its source." --as NAME',
    })
  const kept = await callOperation('keepDrill', { runbook, went, reason, as }, { ...options, as })
  if (options.json === true) printJson(kept)
  else printLine(`${as} drilled ${runbook}: it went ${went}.`)
}
