import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { wholeBody } from './whole-body.ts'

const LARGE = 3 * 2 ** 20 + 5
const sent = Buffer.from(Uint8Array.from({ length: LARGE }, (_, index) => (index * 31) ^ (index >> 8)))

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536)
}

test.each([0, 1, 1000, LARGE])('a body of %i bytes is read whole, with or without its length', async (length) => {
  const bytes = sent.subarray(0, length)
  for (const announced of [String(length), undefined])
    expect((await wholeBody(Readable.from(piecesOf(bytes)), announced, LARGE)).equals(bytes)).toBe(true)
})

test('a body is refused that is longer than the limit, announced or not, and one that breaks off', async () => {
  const read = (announced: string | undefined) => wholeBody(Readable.from(piecesOf(sent)), announced, LARGE - 1)
  for (const announced of [String(LARGE), undefined])
    await expect(read(announced)).rejects.toMatchObject({ code: 'body_too_large' })
  const broken = new PassThrough()
  const reading = wholeBody(broken, '10', LARGE)
  broken.destroy(new Error('gone'))
  await expect(reading).rejects.toMatchObject({ code: 'invalid_request' })
})

test('others have their turn while a large body is read from a client that sends all the while', async () => {
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await wholeBody(Readable.from(piecesOf(sent)), String(LARGE), LARGE)
  isOver = true
  expect(turns).toBeGreaterThanOrEqual(6)
})
