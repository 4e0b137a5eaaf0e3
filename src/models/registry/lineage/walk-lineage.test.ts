import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryRegistry } from '../registry.fixture.ts'
import { addEdges, addNode } from './lineage-store.ts'
import { walkLineage } from './walk-lineage.ts'

/** Edges of a graph without circles: from lower to higher numbers. */
const graphs = fc
  .uniqueArray(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30, selector: ([a, b]) => `${a}-${b}` })
  .map((pairs) => pairs.filter(([a, b]) => a !== b).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const))))

test('a walk finds all that is reached, and the edges between, and nothing else', async () => {
  await using registry = await temporaryRegistry()
  const { database } = registry.metadata
  let graph = 0
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.nat(11),
      fc.constantFrom('up' as const, 'down' as const),
      async (edges, from, direction) => {
        graph += 1
        const numbers = await database.transaction().execute(async (transaction) => {
          const made: number[] = []
          for (let place = 0; place < 12; place += 1)
            made.push(await addNode(transaction, { kind: 'stream', name: `${graph}-${place}`, facts: { place } }))
          for (const [source, target] of edges) await addEdges(transaction, [made[source]!], made[target]!)
          return made
        })
        const found = await walkLineage(database, [numbers[from]!], direction, 100)
        const reached = new Set([from])
        for (let turn = 0; turn < 12; turn += 1)
          for (const [source, target] of edges) {
            if (direction === 'down' && reached.has(source)) reached.add(target)
            if (direction === 'up' && reached.has(target)) reached.add(source)
          }
        expect(new Set([...found.nodes.values()].map(({ facts }) => facts['place']))).toEqual(reached)
        const between = edges.filter(([source, target]) => reached.has(direction === 'down' ? source : target))
        const inNumbers = between.map(([source, target]) => `${numbers[source]}-${numbers[target]}`)
        expect(new Set(found.edges.map(([source, target]) => `${source}-${target}`))).toEqual(new Set(inNumbers))
        expect(found.isCut).toBe(false)
      },
    ),
    { numRuns: 40, seed: 5 },
  )
})

test('a walk ends at the most nodes, nearest first, and says that there is more', async () => {
  await using registry = await temporaryRegistry()
  const { database } = registry.metadata
  const numbers = await database.transaction().execute(async (transaction) => {
    const made: number[] = []
    for (let place = 0; place < 6; place += 1)
      made.push(await addNode(transaction, { kind: 'stream', name: `s${place}` }))
    await addEdges(transaction, made.slice(1, 5), made[0]!)
    await addEdges(transaction, [made[5]!], made[1]!)
    return made
  })
  const found = await walkLineage(database, [numbers[0]!], 'up', 5)
  expect([...found.nodes.values()].map(({ name }) => name)).toEqual(['s0', 's1', 's2', 's3', 's4'])
  expect(found.isCut).toBe(true)
  expect(found.edges.every((edge) => edge.every((number) => found.nodes.has(number)))).toBe(true)
})

test('what is added twice is there once, with the facts of the first time', async () => {
  await using registry = await temporaryRegistry()
  const { database } = registry.metadata
  await database.transaction().execute(async (transaction) => {
    const first = await addNode(transaction, { kind: 'source', name: 'a', facts: { rows: 1 }, at: 5 })
    expect(await addNode(transaction, { kind: 'source', name: 'a', facts: { rows: 2 } })).toBe(first)
    const other = await addNode(transaction, { kind: 'stream', name: 'a' })
    expect(other).not.toBe(first)
    await addEdges(transaction, [first, first], other)
    await addEdges(transaction, [first], other)
    const found = await walkLineage(transaction, [other], 'up', 10)
    expect(found.edges).toEqual([[first, other]])
    expect(found.nodes.get(first)).toEqual({ kind: 'source', name: 'a', facts: { rows: 1 }, at: 5 })
  })
})
