import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { unknownName } from '../../../core/unknown-name.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { optionsOf } from '../verb.ts'

/** `quality import`, `quality export`: contracts of the Open Data Contract Standard. */
export function contracts(group: Command): void {
  group
    .command('import <contract>')
    .description('a data contract (ODCS v3, YAML) as lines of a project file; lists what has no counterpart')
    .action(async (path: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      if (!existsSync(path)) throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
      const { importContract } = await import('../../../data/quality/contract/import-contract.ts')
      const contract = importContract(readFileSync(path, 'utf8'), path)
      const { streamsSource } = await import('../../../data/quality/contract/stream-source.ts')
      const config = streamsSource(contract.streams)
      if (options.json === true) {
        printJson({ ...contract, config })
        return
      }
      printLine(config)
      for (const part of contract.unmapped) printNote(`not taken over: ${part.path}: ${part.why}`)
    })
  group
    .command('export <stream>')
    .description('a stream of the project file with its checks as a data contract (ODCS v3.1, YAML)')
    .action(async (name: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const { loadProject } = await import('../../app/load-project.ts')
      const { streams } = await loadProject(options.config)
      const stream = streams[name]
      if (stream === undefined) throw unknownName('unknown_stream', 'stream', name, Object.keys(streams))
      const { exportContract } = await import('../../../data/quality/contract/export-contract.ts')
      const contract = exportContract(stream)
      if (options.json === true) printJson({ stream: name, contract })
      else printLine(contract.trimEnd())
    })
}
