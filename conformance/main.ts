#!/usr/bin/env node
// Says how far a server speaks the Open Inference Protocol: node conformance/main.ts --rest URL --grpc HOST:PORT --model NAME
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Result } from './check.ts'
import { requireReachable } from './reachable.ts'
import { runChecks } from './suite.ts'
import { lineOf, summaryOf } from './table.ts'

const COMMAND = process.argv[1]?.endsWith('.ts') === true ? 'node conformance/main.ts' : 'npx trueline-conformance'

const USAGE = `${COMMAND} --model NAME [--rest URL] [--grpc HOST:PORT] [--only TEXT] [--control] [--json]

  --rest URL        such as http://127.0.0.1:8000
  --grpc HOST:PORT  such as 127.0.0.1:8001, without encryption
  --model NAME      a model that is ready; its inputs are made from its metadata
  --only TEXT       only checks whose name has the text
  --control         also unload the model, and load it again
  --json            print JSON instead of a table

It ends with 0 when no check fails, 1 when some do, and 2 when nothing could be checked.
`

const options = {
  rest: { type: 'string' },
  grpc: { type: 'string' },
  model: { type: 'string' },
  only: { type: 'string' },
  control: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

type Asked = Parameters<typeof runChecks>[0] & { readonly json: boolean }

function asked(): Asked | number {
  try {
    const { model, rest, grpc, only, control, json, help } = parseArgs({ options }).values
    if (help) {
      process.stdout.write(USAGE)
      return 0
    }
    if (model !== undefined && (rest !== undefined || grpc !== undefined))
      return { model, rest, grpc, only, control, json }
    process.stderr.write(`Name a model and an address.\n${USAGE}`)
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${USAGE}`)
  }
  return 2
}

async function check({ json, ...target }: Asked): Promise<number> {
  const { model, rest, grpc } = target
  try {
    await requireReachable(target)
    const results = await runChecks(target, (result) => {
      if (!json && target[overOf(result)] !== undefined) process.stdout.write(`${lineOf(result)}\n`)
    })
    process.stdout.write(`${json ? JSON.stringify({ model, rest, grpc, results }) : summaryOf(results)}\n`)
    return codeOf(results, target.only)
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n`)
    return 2
  }
}

/** The protocol that a check is about: those of one that has no address are all skipped, which the summary says. */
function overOf({ name }: Result): 'rest' | 'grpc' {
  return name.startsWith('rest/') ? 'rest' : 'grpc'
}

function codeOf(results: readonly Result[], only: string | undefined): number {
  if (results.some(({ outcome }) => outcome === 'failed')) return 1
  if (results.some(({ outcome }) => outcome === 'passed')) return 0
  const what = results.length === 0 ? `No check has '${only}' in its name` : 'Every check was skipped'
  process.stderr.write(`${what}: nothing is known of this server.\n`)
  return 2
}

const given = asked()
process.exitCode = typeof given === 'number' ? given : await check(given)
