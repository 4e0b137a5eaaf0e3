import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The commands of a section of README.md, one list for each of its shell blocks: comments are taken off, and lines that
 * end in a backslash are joined.
 * @throws Error when README.md has no such section
 */
export function readmeCommands(heading: string): string[][] {
  const text = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, after] = text.split(`\n## ${heading}\n`)
  if (after === undefined) throw new Error(`README.md has no section '${heading}'`)
  const [section = ''] = after.split('\n## ')
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  )
}
