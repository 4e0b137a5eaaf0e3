import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { formatTime, HOUR } from '../../src/core/time.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { postJson, send } from '../e2e/http.ts'
import { trueline } from '../e2e/trueline.ts'

const config = join(import.meta.dirname, 'sources.config.ts')
const at = formatTime(systemClock().now() - HOUR)

test('the verbs of sources say the same with a running platform and without', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-verbs-'))
  process.env['TRUELINE_TEST_FOLDER'] = folder.path
  const directory = join(folder.path, 'data')
  await mkdir(directory)
  const run = (...words: string[]) => trueline(...words, '--config', config, '--directory', directory, '--json')
  await writeFile(join(folder.path, 'a.csv'), `order,amount,note,at\na,1,,${at}\nb,2,,${at}\nc,much,,${at}\n`)

  expect((await run('sources')).json).toMatchObject([{ name: 'shop_files' }, { name: 'shop_table', breaker: 'closed' }])
  const first = await run('ingest', 'shop_files')
  // A row was refused, so that the exit code says so.
  expect(first).toMatchObject({ code: 1, json: [{ status: 'succeeded', received: 3, accepted: 2, rejected: 1 }] })
  expect((await run('ingest', 'shop_file')).json).toMatchObject({ code: 'unknown_source' })
  const all = await run('ingest')
  expect(all).toMatchObject({ code: 1, json: [{ received: 0 }, { error: { code: 'setting_missing' } }] })

  const platform = await openPlatform({ config, directory })
  const server = await servePlatform(platform, { port: 0 })
  try {
    await writeFile(join(folder.path, 'b.csv'), `order,at\nd,${at}\n`)
    expect(await run('sources', 'run', 'shop_files')).toMatchObject({ code: 0, json: [{ received: 1, accepted: 1 }] })
    expect((await run('sources', 'runs', 'shop_files', '--limit', '2')).json).toMatchObject([
      { number: 4, accepted: 1 },
      { number: 2, received: 0 },
    ])
    expect((await run('sources', 'runs', 'shop_files', '--before', '4', '--limit', '1')).json).toMatchObject([
      { number: 2 },
    ])
    expect((await run('sources', 'columns', 'shop_files')).json).toEqual({
      columns: { order: 'text', at: 'text' },
      changes: "'amount' was removed, 'note' was removed",
    })
    const day = formatTime(systemClock().now()).slice(0, 10)
    const backfill = await run('sources', 'backfill', 'shop_files', '--from', '2001-01-01', '--to', day)
    expect(backfill.json).toMatchObject([{ kind: 'backfill', status: 'succeeded', accepted: 0 }])
    expect((await run('sources', 'reset', 'shop_files', '--reason', 'once more')).json).toMatchObject({ failures: 0 })
    expect((await run('sources', 'run', 'shop_files')).json).toMatchObject([
      { received: 4, accepted: 0, duplicates: 3, rejected: 1 },
    ])
    expect((await run('sources', 'accept', 'shop_files')).json.columns).toEqual({ order: 'text', at: 'text' })
    const [reset] = (await run('audit', '--search', 'ONCE more')).json.acts
    expect(reset).toMatchObject({ action: 'source.reset', target: 'shop_files', reason: 'once more' })
    expect((await run('audit', 'shop_files', '--after', String(reset.sequence))).json.acts).toMatchObject([
      { action: 'source.backfill' },
    ])
    const [changed] = (await run('alerts', '--resolved', '--about', 'source/shop_files')).json.alerts
    expect((await run('alerts', 'show', changed.id)).json).toMatchObject(changed)
    for (const words of [
      ['sources'],
      ['sources', 'columns', 'shop_files'],
      ['sources', 'runs', 'shop_files'],
      ['audit', 'shop_files'],
      ['alerts', '--about', 'source/shop_files'],
      ['alerts', 'show', changed.id],
      ['sources', 'run', 'shop_table'],
    ]) {
      const { stdout, stderr } = await trueline(...words, '--config', config, '--directory', directory)
      expect(`${stdout}${stderr}`).toMatch(/shop_|accepted|column/)
    }

    // Over HTTP a source is named, and nothing else.
    const base = `${server.url}/api/v1/sources`
    expect((await send(base)).body[0]).toMatchObject({ name: 'shop_files', owner: 'data-eng', kind: 'csv' })
    expect((await send(`${base}/shop_files/runs?limit=1`)).body).toHaveLength(1)
    expect(await postJson(`${base}/shop_files/run`, { as: 'ann', from: '/etc/passwd' })).toMatchObject({ status: 400 })
    expect(await postJson(`${base}/etc%2Fpasswd/run`, { as: 'ann' })).toMatchObject({
      status: 404,
      body: { code: 'unknown_source' },
    })
    expect(await postJson(`${base}/shop_files/reset`, { as: 'ann' })).toMatchObject({ status: 400 })
    process.env['TRUELINE_TEST_DATABASE'] = 'postgres://reader:hunter2@127.0.0.1:1/shop'
    const asked = await postJson(`${base}/shop_table/run`, { as: 'ann' })
    expect(asked.body).toMatchObject({ status: 'running', error: { code: 'source_unavailable' } })
    for (const path of ['sources', 'sources/shop_table/runs', 'definitions', 'alerts'])
      expect((await send(`${server.url}/api/v1/${path}`)).text).not.toContain('hunter2')
    expect(asked.text).not.toContain('hunter2')
  } finally {
    await server.close()
    await platform.close()
    delete process.env['TRUELINE_TEST_FOLDER']
    delete process.env['TRUELINE_TEST_DATABASE']
  }
})
