import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { copyExample } from '../copy-example.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `init`: a new project from a template. */
export const init: Verb = (program: Command) => {
  program
    .command('init [folder]')
    .description('a new project from a template: a config, and data to try it on')
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      const folder = resolve(given ?? '.')
      const files = await copyExample('first-model', folder, 'trueline')
      const manifest = join(folder, 'package.json')
      if (!existsSync(manifest)) {
        await writeFile(manifest, `${JSON.stringify({ private: true, type: 'module' }, null, 2)}\n`)
        files.push('package.json')
      }
      if (optionsOf(command).json === true) {
        printJson({ folder, files })
        return
      }
      printLine(`Wrote ${files.join(', ')} to ${folder}.`)
      printLine('next: open README.md there; it takes you to a served model.')
    })
}
