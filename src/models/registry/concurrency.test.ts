import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { verifyAudit } from '../../governance/audit-verification.ts'
import { aliasHistory, setAlias } from './aliases.ts'
import { logVersion } from './logged-versions.ts'
import { createRegisteredModel } from './registered-models.ts'
import { ada, model, temporaryRegistry } from './registry.fixture.ts'
import { listVersions, readVersion } from './versions.ts'

/**
 * A process that opens the same database once it is told to, and does its part: it logs versions, approves one version,
 * and moves an alias by what it saw. It prints what came of it as JSON.
 */
function contender(path: string, name: string) {
  const module = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const code = `
    const { openMetadata } = await import(${module('../../stores/metadata/metadata.ts')})
    const { systemClock } = await import(${module('../../core/clock.ts')})
    const { logVersion } = await import(${module('./logged-versions.ts')})
    const { decideVersion } = await import(${module('./decisions.ts')})
    const { setAlias, readAlias } = await import(${module('./aliases.ts')})
    const [path, name] = process.argv.slice(1)
    process.stdout.write('ready\\n')
    for await (const _ of process.stdin) break
    const metadata = await openMetadata(path, { clock: systemClock() })
    const by = { name, asserted: true }
    const codeOf = (thrown) => thrown.code ?? String(thrown)
    const versions = []
    const moves = []
    for (let count = 0; count < 15; count += 1) {
      versions.push((await logVersion(metadata, { model: 'free', source: 's3://elsewhere', by })).version)
      const { version: expected } = await readAlias(metadata, 'free', 'best')
      const version = versions.at(-1)
      moves.push(await setAlias(metadata, { model: 'free', alias: 'best', version, expected, by }).then(() => 'moved', codeOf))
    }
    const approved = await decideVersion(metadata, { model: '${model}', version: 1, decision: 'approve', by })
      .then(({ state }) => state, codeOf)
    await metadata.close()
    process.stdout.write(JSON.stringify({ versions, moves, approved }))
    process.stdin.destroy()`
  return spawn(process.execPath, ['--input-type=module', '-e', code, path, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

test('two processes that register, approve and move an alias at once are told exactly what came of it', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, path } = registry
  await registry.define()
  await registry.register('a forest')
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  await logVersion(metadata, { model: 'free', source: 's3://elsewhere', by: ada })
  await setAlias(metadata, { model: 'free', alias: 'best', version: 1, by: ada })
  const contenders = ['grace', 'barbara'].map((name) => contender(path, name))
  await Promise.all(contenders.map(({ stdout }) => once(stdout, 'data')))
  const answers = contenders.map(async ({ stdin, stdout }) => {
    stdin.end('go')
    return JSON.parse(await text(stdout)) as { versions: number[]; moves: string[]; approved: string }
  })
  const [one, other] = await Promise.all(answers)
  const versions = [...one!.versions, ...other!.versions].sort((a, b) => a - b)
  expect(versions).toEqual(Array.from({ length: 30 }, (_, index) => index + 2))
  const moves = [...one!.moves, ...other!.moves]
  expect(new Set(moves)).toContain('moved')
  for (const move of moves) expect(['moved', 'alias_changed']).toContain(move)
  const { items } = await aliasHistory(metadata, 'free', { limit: 1000 })
  expect(items).toHaveLength(1 + moves.filter((move) => move === 'moved').length)
  expect([one!.approved, other!.approved].sort()).toEqual(['already_decided', 'approved'])
  expect((await readVersion(metadata, model, 1)).approvals).toHaveLength(1)
  expect((await listVersions(metadata, model)).items).toHaveLength(1)
  expect(await verifyAudit(metadata.database)).toMatchObject({ intact: true })
  const { items: acts } = await listAudit(metadata.database, { limit: 1000 })
  expect(acts.filter(({ action }) => action === 'version.log')).toHaveLength(31)
})
