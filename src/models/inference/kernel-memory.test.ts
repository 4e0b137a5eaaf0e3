import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { type MemoryBlock, threadKernel } from './kernel-memory.ts'

const kernel = threadKernel()!

test('blocks are aligned and never overlap, and what is released is used again', () => {
  const random = seededRandom(3)
  const held: MemoryBlock[] = []
  let peak = 0
  let most = 0
  for (let step = 0; step < 2_000; step += 1) {
    if (held.length > 0 && random.next() < 0.5) kernel.release(held.splice(random.integer(held.length), 1)[0]!)
    else held.push(kernel.take(random.integer(20_000))!)
    if (step % 20 === 0) expect(faultsOf(held)).toEqual([])
    peak = Math.max(peak, kernel.uint8.length)
    most = Math.max(
      most,
      held.reduce((sum, { bytes }) => sum + bytes, 0),
    )
  }
  for (const block of held) kernel.release(block)
  expect(peak).toBe(kernel.uint8.length)
  // What lies between blocks costs less than the blocks.
  expect(peak).toBeLessThan(2 * most + 65_536)
  const whole = kernel.take(kernel.uint8.length - 65_536)!
  expect(kernel.uint8.length).toBe(peak)
  kernel.release(whole)
})

function faultsOf(blocks: readonly MemoryBlock[]): MemoryBlock[] {
  const ordered = [...blocks].sort((a, b) => a.address - b.address)
  const endOf = (block: MemoryBlock | undefined) => (block === undefined ? 1 : block.address + block.bytes)
  return ordered.filter((block, place) => block.address % 16 !== 0 || block.address < endOf(ordered[place - 1]))
}

test('blocks that nobody can reach any more are used again', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const bytes = 400_000
  for (let block = 0; block < 10; block += 1) kernel.take(bytes)
  const before = kernel.uint8.length
  // Registries are told of what was collected in tasks of their own.
  for (let turn = 0; turn < 10; turn += 1) {
    collect()
    await setTimeout(5)
  }
  const again = Array.from({ length: 10 }, () => kernel.take(bytes)!)
  expect(kernel.uint8.length).toBe(before)
  for (const block of again) kernel.release(block)
})

test('memory grows by what is lacking, and views are those of the memory as it is', () => {
  const before = kernel.uint8.length
  const block = kernel.take(before + 1_000_000)!
  expect(kernel.uint8.length).toBeGreaterThan(before)
  expect(kernel.float64.length).toBe(kernel.uint8.length / 8)
  kernel.uint8[block.address + block.bytes - 1] = 7
  expect(kernel.uint8[block.address + block.bytes - 1]).toBe(7)
  kernel.release(block)
})

test('more than there can be is refused, and nothing is lost by it', () => {
  const before = kernel.uint8.length
  expect(kernel.take(2 ** 31)).toBeUndefined()
  expect(kernel.uint8.length).toBe(before)
})
