import { expect, test } from 'vitest'
import type { LineageThing } from '../../../src/platform/api/contract.ts'
import { collapseLineage } from './collapse.ts'

const thing = (kind: string, name: string, stream?: string): LineageThing => ({
  ...{ id: `${kind}:${name}`, kind, name },
  facts: stream === undefined ? {} : { stream },
})

test('many files that lead to one dataset are one box a stream, and few are shown one by one', () => {
  const many = Array.from({ length: 9 }, (_, index) => thing('file', `a${index}`, 'arrivals'))
  const few = Array.from({ length: 2 }, (_, index) => thing('file', `d${index}`, 'departures'))
  const dataset = thing('dataset', 'one')
  const streams = [thing('stream', 'arrivals'), thing('stream', 'departures')]
  const edges = [
    ...[...many, ...few].map(({ id }) => ({ from: id, to: dataset.id })),
    ...many.map(({ id }) => ({ from: 'stream:arrivals', to: id })),
    ...few.map(({ id }) => ({ from: 'stream:departures', to: id })),
  ]
  const picture = collapseLineage({ of: dataset.id, nodes: [dataset, ...streams, ...many, ...few], edges })
  expect(picture.boxes.map(({ things }) => things.length).sort()).toEqual([1, 1, 1, 1, 1, 9])
  expect(picture.edges).toHaveLength(6)
  const box = picture.boxes.find(({ things }) => things.length === 9)!
  expect(picture.edges).toContainEqual({ from: box.id, to: dataset.id })
  expect(picture.edges).toContainEqual({ from: 'stream:arrivals', to: box.id })
})

test('what was asked about is never hidden among others of its kind', () => {
  const files = Array.from({ length: 9 }, (_, index) => thing('file', `a${index}`, 'arrivals'))
  const edges = files.map(({ id }) => ({ from: id, to: 'dataset:one' }))
  const { boxes } = collapseLineage({ of: 'file:a3', nodes: [...files, thing('dataset', 'one')], edges })
  expect(boxes.map(({ id }) => id)).toContain('file:a3')
  expect(boxes.map(({ things }) => things.length).sort()).toEqual([1, 1, 8])
})
