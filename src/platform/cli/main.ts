#!/usr/bin/env node
import process from 'node:process'

const NODE_NEEDED = 24

// What an older node does not have is imported behind the question: a name that is missing ends the program before its first line.
if (Number(process.versions.node.split('.')[0]) >= NODE_NEEDED) {
  // What was compiled once is not compiled again: neither by a command, nor by its workers and children, which it tells where.
  const { enableCompileCache } = await import('node:module')
  const { directory } = enableCompileCache()
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory
  const { runProgram } = await import('./program.ts')
  await runProgram()
} else {
  process.stderr.write(
    `Trueline needs node ${NODE_NEEDED} or newer; this is node ${process.versions.node}. Install node ${NODE_NEEDED} and run the command again.\n`,
  )
  process.exitCode = 1
}
