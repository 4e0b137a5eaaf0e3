import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TruelineError } from '../../core/errors.ts'
import { whereNoJson } from '../../core/json-fault.ts'
import { createSlices } from '../../core/slices.ts'
import { parsePredictBody } from './predict-body.ts'
import { PieceRows } from './row-list.ts'

/** A clock by which every slice is over at once: pieces are as small as they get. */
const clock = { time: 0, elapsed: () => (clock.time += 10_000) }
const slices = createSlices(clock)

async function parsed(text: string): Promise<unknown> {
  try {
    const given = await parsePredictBody(Buffer.from(text), slices)
    const { rows } = (given ?? {}) as { readonly rows?: unknown }
    return rows instanceof PieceRows ? { ...(given as object), rows: [...rows] } : given
  } catch (thrown) {
    const { code, message } = thrown as TruelineError
    return { code, message }
  }
}

function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { code: 'invalid_request', message: `The body is not valid JSON.${whereNoJson(text)}` }
  }
}

const filler = JSON.stringify({ text: 'é"\\[{]},'.repeat(500) })
/** Rows before and after, so that the text is parsed in pieces. */
const large = (row: string): string => {
  const many = new Array<string>(20).fill(filler).join(',')
  return `{"rows":[${many},${row},${many}]}`
}

test('a large body is what JSON.parse makes of it, whatever its rows are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.boolean(), async (row, spaced) => {
      const text = large(JSON.stringify(row, null, spaced ? 2 : 0))
      expect(await parsed(text)).toEqual(JSON.parse(text))
    }),
    { seed: 7, numRuns: 20 },
  )
})

test.each([
  ...['', ',', '{', '[1', '}', ']', '"', '{"a":1}}', '{"a":1]', '1 2', '{"a":01}', '{"a":"\\x"}', '\u0000', 'NaN'],
  ...['{"a":1},', '"\n"', '//', "'a'", '{"a":1,"a":2}', '{"__proto__":{"x":1}}', '1e999', '-0', '"\\ud800"'],
])('a large body with a row of %j is what JSON.parse makes of it', async (row) => {
  const text = large(row)
  expect(await parsed(text)).toEqual(whole(text))
})

test.each([
  (rows: string) => `{"features":true,"rows":${rows}}`,
  (rows: string) => `{"explain":3,"rows":${rows},"reasons":true}`,
  (rows: string) => `{"explain":03,"rows":${rows}}`,
  (rows: string) => `{"rows":${rows},"explain":1e2}`,
  (rows: string) => ` { "rows" : ${rows} , "freshness" : false } `,
  (rows: string) => `{"rows":${rows},"rows":[1]}`,
  (rows: string) => `{"rows":${rows},"r\\u006fws":[1]}`,
  (rows: string) => `{"rows":[1],"rows":${rows}}`,
  (rows: string) => `{"other":${rows},"rows":[1]}`,
  (rows: string) => `{"rows":${rows}`,
  (rows: string) => `{"rows":${rows}}}`,
  (rows: string) => `{"rows":${rows},}`,
  (rows: string) => `{"rows":${rows},"features":null}`,
  (rows: string) => `[{"rows":${rows}}]`,
  (rows: string) => rows,
  (rows: string) => `\ufeff{"rows":${rows}}`,
  (rows: string) => `{"rows":${rows},"features":true,"features":false}`,
  (rows: string) => `{"rows":[,${rows.slice(1)}}`,
  () => `{"rows":[${' '.repeat(70_000)}]}`,
  (rows: string) => `{"rows":[${' '.repeat(70_000)},${rows.slice(1)}}`,
  (rows: string) => `{"rows":${rows.slice(0, -1)},${' '.repeat(70_000)}]}`,
])('what stands around the rows is read as JSON.parse reads it: %#', async (around) => {
  const text = around(`[${new Array<string>(40).fill(filler).join(',')}]`)
  expect(await parsed(text)).toEqual(whole(text))
})

test('a body that ends anywhere is refused', async () => {
  const text = large('{"a":1}')
  for (let end = 65_537; end < text.length; end += 9973)
    expect(await parsed(text.slice(0, end))).toEqual(whole(text.slice(0, end)))
})
