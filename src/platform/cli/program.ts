import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../../core/package-version.ts'
import { defaultActor } from './default-actor.ts'
import { USUAL_CONFIG } from './directory.ts'
import { endQuietlyWithReader, reportError } from './output.ts'
import { verbGroups } from './verbs.ts'

const AFTER_HELP = `
Exit codes: 0 done; 1 an expected failure, such as bad input or a gate that said no; 2 a defect of ours.
A first project: trueline init, then what it says. What a command takes: trueline <command> --help.`

/** Runs the command line; sets the exit code: 0 done, 1 an expected failure, 2 our fault. */
export async function runProgram(): Promise<void> {
  endQuietlyWithReader()
  const program = new Command('trueline')
    .description('takes a model from a notebook to a governed production service, and keeps it true')
    .option('--config <path>', 'the project file', USUAL_CONFIG)
    .option('--directory <path>', 'the data directory (default: .trueline beside the project file)')
    .option('--json', 'data alone on stdout')
    .option('--as <name>', 'who acts; recorded as asserted', defaultActor())
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help says what it takes)')
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
  for (const { title, verbs } of verbGroups) {
    program.commandsGroup(title)
    for (const verb of verbs) verb(program)
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'what a command takes')
  if (!isOfVerb(program, '--version')) program.version(packageVersion)
  try {
    await program.parseAsync()
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 1
    else process.exitCode = reportError(thrown, process.argv.includes('--json'))
  }
}

/** Whether an option stands behind a verb, which may have one of that name itself. */
function isOfVerb({ commands }: Command, option: string): boolean {
  const before = process.argv.slice(2, process.argv.indexOf(option))
  return process.argv.includes(option) && commands.some((command) => before.includes(command.name()))
}
