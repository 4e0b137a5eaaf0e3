import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shopConfig } from './running-platform.ts'
import { temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

test('a new project is written once, and not over another', async () => {
  await using folder = await temporaryFolder()
  const project = join(folder.path, 'new')
  const made = await trueline('init', project, '--json')
  expect(made).toMatchObject({
    code: 0,
    json: { folder: project, files: expect.arrayContaining(['trueline.config.ts']) },
  })
  expect(await trueline('init', project, '--json')).toMatchObject({ code: 1, json: { code: 'file_exists' } })
})

test('a command that makes a project of its own takes no place from the options of another', async () => {
  await using folder = await temporaryFolder()
  for (const words of [
    ['demo', '--directory', join(folder.path, 'elsewhere')],
    ['--config', shopConfig, 'init', join(folder.path, 'new')],
  ])
    expect(await trueline(...words, '--json')).toMatchObject({
      code: 1,
      json: { code: 'invalid_arguments', path: expect.stringMatching(/^--(directory|config)$/) },
    })
})
