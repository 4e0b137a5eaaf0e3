import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as trueline from '../src/index.ts'
import { aggregateNames } from '../src/language/aggregate/registry.ts'
import { mistakesIn } from '../src/language/define/check-project.ts'
import { collectProject } from '../src/language/define/collect-project.ts'
import type { FeaturesDefinition } from '../src/language/define/definitions.ts'
import { describeFeature } from '../src/language/define/logic.ts'

const { t } = trueline
const page = readFileSync(join(import.meta.dirname, '../docs/guide/features.md'), 'utf8')

/** Features that stand in code on the page: those that say over what they are, or for how long they live. */
const written = [...new Set([...page.matchAll(/`([^`\n]+(?:\.over\(|ttl:)[^`\n]*)`/g)].map(([, code]) => code!))]

const arrivals = trueline.stream('arrivals', {
  key: 'flight',
  time: 'arrived_at',
  schema: {
    flight: t.string(),
    origin: t.string(),
    carrier: t.string(),
    cancelled: t.bool(),
    delay_min: t.int(),
    arrived_at: t.timestamp(),
  },
})
const origin = trueline.entity('origin', { origin: t.string() })

function groupOf(code: string): FeaturesDefinition {
  const names = Object.keys(trueline)
  const define = new Function(...names, 'origin', 'arrivals', `return ${code}`)
  return define(...Object.values(trueline), origin, arrivals) as FeaturesDefinition
}

const groups = new Map(
  written.map((code) => [code, groupOf(`features('g', { entity: origin, from: arrivals, select: { x: ${code} } })`)]),
)

test.each(written)('the guide is right to write %s', (code) => {
  const group = groups.get(code)!
  expect(mistakesIn(collectProject([group])).map(({ message }) => message)).toEqual([])
  for (const feature of Object.values(group.select)) expect(describeFeature(feature)).not.toMatch(/undefined|NaN/)
})

test('the names that the guide gives to several features are theirs', () => {
  const rows = [...page.matchAll(/^\| (.*`) \| (`x_.*) \|$/gm)]
  expect(rows.length).toBeGreaterThan(6)
  for (const [row, codes, said] of rows) {
    const names = [...codes!.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => Object.keys(groups.get(code!)!.select))
    const mentioned = [...said!.matchAll(/`(x_\w+)`/g)].map(([, name]) => name!)
    const all = [
      ...names,
      ...Object.keys(groups.get("last('delay_min').n(2).by('carrier', ['AA']).over('1d')")!.select),
    ]
    expect(
      mentioned.filter((name) => !all.includes(name)),
      row,
    ).toEqual([])
  }
})

test('every aggregate and every window is on the page, and the first block is a group of features', () => {
  const features = [...groups.values()].flatMap(({ select }) => Object.values(select))
  expect(new Set(features.map(({ aggregate }) => aggregate))).toEqual(new Set(aggregateNames))
  const kinds = ['calendar', 'exact', 'hop', 'lifetime', 'rows', 'session', 'since']
  expect([...new Set(features.map(({ window }) => window.kind))].sort()).toEqual(kinds)
  const block = /```ts\n([\s\S]*?)```/.exec(page)![1]!
  expect(Object.keys(groupOf(block).select)).toEqual(['late_share', 'mean_delay_1h'])
})
