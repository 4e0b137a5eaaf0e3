#!/usr/bin/env node
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../../core/package-version.ts'
import { printNote, reportError } from './output.ts'
import { verbs } from './verbs.ts'

const NODE_NEEDED = 24

/** Runs the command line; sets the exit code: 0 done, 1 an expected failure, 2 our fault. */
async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < NODE_NEEDED) {
    printNote(
      `Trueline needs node ${NODE_NEEDED} or newer; this is node ${process.versions.node}. Install node ${NODE_NEEDED}, or run: npx -p node@${NODE_NEEDED} trueline`,
    )
    process.exitCode = 1
    return
  }
  const program = new Command('trueline')
    .description('takes a model from a notebook to a governed production service, and keeps it true')
    .version(packageVersion)
    .option('--config <path>', 'the project file', 'trueline.config.ts')
    .option('--directory <path>', 'the data directory (default: .trueline beside the project file)')
    .option('--json', 'data alone on stdout')
    .option('--as <name>', 'who acts; recorded as asserted', process.env['USER'] ?? 'somebody')
    .exitOverride()
    .showSuggestionAfterError()
  for (const verb of verbs) verb(program)
  try {
    await program.parseAsync()
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 1
    else process.exitCode = reportError(thrown, process.argv.includes('--json'))
  }
}

await main()
