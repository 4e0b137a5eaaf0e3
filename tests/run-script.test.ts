import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, expect, test } from 'vitest'

const script = join(import.meta.dirname, '..', 'scripts', 'run.mjs')
const folder = mkdtempSync(join(tmpdir(), 'trueline-run-'))
const child = join(folder, 'child.mjs')
// Ends only when it is asked to, and says so.
writeFileSync(
  child,
  "process.on('SIGTERM', () => { console.log('asked to end'); process.exit() }); setInterval(() => {}, 1000); console.log('up')",
)

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a process says until all that hold its output have ended. */
async function untilAllEnded(started: ChildProcess, onUp: () => void): Promise<string> {
  let said = ''
  started.stdout?.on('data', (chunk: Buffer) => {
    said += String(chunk)
    if (String(chunk).includes('up')) onUp()
  })
  await once(started, 'close')
  return said
}

// npm passes a signal on to its shell alone, which goes without telling anybody.
test('what npm runs ends with the script and with npm', async () => {
  const inShell = spawn('sh', ['-c', `"$0" "$1" "$2"; true`, process.execPath, script, child], {
    env: { ...process.env, npm_lifecycle_event: 'trueline' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const alone = spawn(process.execPath, [script, child], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await Promise.all([
    untilAllEnded(inShell, () => inShell.kill('SIGKILL')),
    untilAllEnded(alone, () => alone.kill('SIGTERM')),
  ])
  expect(said).toEqual(['up\nasked to end\n', 'up\nasked to end\n'])
})
