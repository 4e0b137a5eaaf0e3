import { expect, test } from 'vitest'
import { compareIds } from './event-order.ts'
import { comparePackedId, isText, readText, sizeOfPacked, sizeOfText, writeText } from './packed-text.ts'

const texts = [
  '',
  'a',
  'ab',
  'é',
  '\u4e2d',
  '\ud83d\ude00',
  '\uffee',
  '\ud800',
  'x'.repeat(126),
  'x'.repeat(127),
  '\u4e2d'.repeat(70_000),
]

test('texts of any units and lengths come back as they were, one after another', () => {
  const bytes = new Uint8Array(texts.reduce((total, text) => total + sizeOfText(text), 3))
  const places: number[] = []
  let at = 3
  for (const text of texts) {
    places.push(at)
    at = writeText(bytes, at, text)
  }
  expect(at).toBe(bytes.length)
  for (const [index, text] of texts.entries()) {
    const place = places[index] as number
    expect(readText(bytes, place)).toBe(text)
    expect(sizeOfPacked(bytes, place)).toBe(sizeOfText(text))
    for (const other of texts) {
      expect(isText(bytes, place, other)).toBe(text === other)
      expect(Math.sign(comparePackedId(bytes, place, other))).toBe(Math.sign(compareIds(text, other)))
    }
  }
})
