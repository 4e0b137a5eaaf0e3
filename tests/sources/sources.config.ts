import process from 'node:process'
import { csv, env, postgres, source } from '../../src/index.ts'
import { orders } from './fixture.ts'

/** What the command line and the HTTP interface are asked about: folders come from the environment of the test. */
export const shopFiles = source('shop_files', {
  into: orders,
  from: csv(`${process.env['TRUELINE_TEST_FOLDER']}/*.csv`),
  owner: 'data-eng',
  description: 'What the shop writes each night',
})

export const shopTable = source('shop_table', {
  into: orders,
  from: postgres({ url: env('TRUELINE_TEST_DATABASE'), table: 'orders' }),
  incremental: { by: 'updated_at' },
})
