import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import { DAY } from '../../../core/time.ts'
import { copyExample } from '../copy-example.ts'
import { printJson, printLine } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { makeShopData } from '../shop-data.ts'
import { optionsOf, refuseProjectOptions, type Verb } from '../verb.ts'

/** `init`: a new project from a template, with data until yesterday to try it on. */
export const init: Verb = (program: Command) => {
  program
    .command('init [folder]')
    .description('a new project from a template: a config, and data to try it on')
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      refuseProjectOptions(command, 'the folder that it is given, or the one that it is run in')
      const folder = resolve(given ?? '.')
      const { orders, returns } = makeShopData(Math.floor(systemClock().now() / DAY) * DAY)
      const data = { 'orders.csv': orders, 'returns.csv': returns }
      for (const name of ['trueline.config.ts', ...Object.keys(data)]) refuseToOverwrite(join(folder, name))
      const manifest = (await declareModules(folder)) ? ['package.json'] : []
      const files = [...(await copyExample('first-model', folder, specifierFor(folder))), ...manifest]
      for (const [name, text] of Object.entries(data)) {
        await writeFile(join(folder, name), text)
        files.push(name)
      }
      if (optionsOf(command).json === true) {
        printJson({ folder, files })
        return
      }
      printLine(`Wrote ${files.join(', ')} to ${folder}.`)
      const there = folder === process.cwd() ? '' : `cd ${given}, then `
      printLine(`next: ${there}trueline test, and trueline ingest orders orders.csv --history`)
    })
}

function refuseToOverwrite(path: string): void {
  if (existsSync(path)) throw new TruelineError('file_exists', `${path} exists already.`, { path })
}

/** How the config of a project in this folder imports the package: by its name, or its sources where these run. */
function specifierFor(folder: string): string {
  if (!import.meta.url.endsWith('.ts')) return 'trueline'
  return relative(folder, packageFile('src', 'index.ts')).split(sep).join('/')
}

/**
 * Makes the folder one of modules, which is what a config is.
 * @returns whether anything had to be written
 * @throws TruelineError `invalid_arguments` when the folder has modules of the other kind
 */
async function declareModules(folder: string): Promise<boolean> {
  const file = join(folder, 'package.json')
  await mkdir(folder, { recursive: true })
  const manifest = existsSync(file) ? parseManifest(file, await readFile(file, 'utf8')) : { private: true }
  if (manifest['type'] === 'module') return false
  const others = (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name))
  if (others.length > 0)
    throw new TruelineError(
      'invalid_arguments',
      `${file} has no "type": "module", and ${others[0]} may rely on that.`,
      {
        path: file,
        remedy: 'Start the project in a folder of its own: trueline init NAME',
      },
    )
  await writeFile(file, `${JSON.stringify({ ...manifest, type: 'module' }, null, 2)}\n`)
  return true
}

function parseManifest(path: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    throw new TruelineError('file_unreadable', `${path} is not JSON: ${(cause as Error).message}.`, { path, cause })
  }
}
