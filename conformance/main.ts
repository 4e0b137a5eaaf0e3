// Says how far a server speaks the Open Inference Protocol: node conformance/main.ts --rest URL --grpc HOST:PORT --model NAME
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Result } from './check.ts'
import { requireReachable } from './reachable.ts'
import { runChecks } from './suite.ts'

const USAGE = `node conformance/main.ts --model NAME [--rest URL] [--grpc HOST:PORT] [--only TEXT] [--control] [--json]

  --rest URL        such as http://127.0.0.1:8000
  --grpc HOST:PORT  such as 127.0.0.1:8001, without encryption
  --model NAME      a model that is ready; its inputs are made from its metadata
  --only TEXT       only checks whose name has the text
  --control         also unload the model, and load it again
  --json            print JSON instead of a table
`

function table(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length), 0)
  const lines = results.map(({ name, says, outcome, because }) => {
    const why = because === undefined ? '' : `\n${' '.repeat(width + 11)}${because}`
    return `${outcome.padEnd(9)} ${name.padEnd(width)} ${says}${why}`
  })
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length
  return [...lines, `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`].join('\n')
}

const options = {
  rest: { type: 'string' },
  grpc: { type: 'string' },
  model: { type: 'string' },
  only: { type: 'string' },
  control: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Asked = Parameters<typeof runChecks>[0] & { readonly json: boolean }

function asked(): Asked | undefined {
  try {
    const { model, rest, grpc, only, control, json } = parseArgs({ options }).values
    if (model !== undefined && (rest !== undefined || grpc !== undefined))
      return { model, rest, grpc, only, control, json }
    process.stderr.write(`Name a model and an address.\n${USAGE}`)
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${USAGE}`)
  }
  return undefined
}

async function check({ json, ...target }: Asked): Promise<number> {
  const { model, rest, grpc } = target
  try {
    await requireReachable(target)
    const results = await runChecks(target)
    process.stdout.write(`${json ? JSON.stringify({ model, rest, grpc, results }) : table(results)}\n`)
    return results.some(({ outcome }) => outcome === 'failed') ? 1 : 0
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n`)
    return 2
  }
}

const given = asked()
process.exitCode = given === undefined ? 2 : await check(given)
