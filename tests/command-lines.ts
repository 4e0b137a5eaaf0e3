import { Command } from 'commander'
import { verbs } from '../src/platform/cli/verbs.ts'

/** The whole command line, with nothing to do, telling which command was called. */
export function program(called: string[]): Command {
  const whole = new Command('trueline').option('--as <name>').option('--json')
  for (const verb of verbs) verb(whole)
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    if (command !== whole) command.action(() => void called.push(command.name()))
    for (const inner of command.commands) silence(inner)
  }
  silence(whole)
  return whole
}

/**
 * The command that a command line calls.
 * @param line such as `trueline train late_flight --as ada`, with names in capitals for what is to be filled in
 * @throws CommanderError when the CLI does not take it
 */
export async function commandCalled(line: string): Promise<string | undefined> {
  const called: string[] = []
  const [, ...words] = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
  const whole = program(called)
  // Prose names a verb without its arguments.
  if (words.length === 1) return whole.commands.find((command) => command.name() === words[0])?.name()
  await whole.parseAsync(words, { from: 'user' })
  return called.length === 1 ? called[0] : undefined
}
