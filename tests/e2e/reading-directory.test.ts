import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shopConfig } from './running-platform.ts'
import { temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

test('what only reads makes no data directory, and refuses one that is named and not there', async () => {
  await using folder = await temporaryFolder()
  const nowhere = join(folder.path, 'nowhere')
  const refused = await trueline('status', '--config', shopConfig, '--directory', nowhere, '--json')
  expect(refused).toMatchObject({ code: 1, json: { code: 'directory_not_found', path: '--directory' } })
  const project = join(folder.path, 'project')
  await mkdir(project)
  const config = join(project, 'trueline.config.ts')
  await writeFile(config, `export * from ${JSON.stringify(shopConfig)}\n`)
  expect(await trueline('status', '--config', config, '--json')).toMatchObject({ code: 0, json: { running: false } })
  expect({ nowhere: existsSync(nowhere), project: await readdir(project) }).toEqual({
    nowhere: false,
    project: ['trueline.config.ts'],
  })
  await mkdir(join(project, '.trueline'))
  const misspelt = await trueline('status', '--config', join(project, 'truline.config.ts'), '--json')
  expect(misspelt).toMatchObject({ code: 1, json: { code: 'config_not_found' } })
})
