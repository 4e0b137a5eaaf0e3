import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TruelineError } from '../../../core/errors.ts'
import { whereNoJson } from '../../../core/json-fault.ts'
import { createSlices } from '../../../core/slices.ts'
import { JsonNumbers } from '../../../models/inference/json-numbers.ts'
import { readBody } from './rest-body.ts'

/** A clock by which every slice is over at once: others get as many turns as they can. */
const clock = { time: 0, elapsed: () => (clock.time += 10_000) }
const slices = createSlices(clock)

async function read(text: string): Promise<unknown> {
  try {
    const { json } = await readBody(Buffer.from(text), undefined, slices)
    return withArrays(json)
  } catch (thrown) {
    const { code, message } = thrown as TruelineError
    return { code, message }
  }
}

/** What came as numbers as elements of arrays. */
function withArrays(json: unknown): unknown {
  const { inputs } = (json ?? {}) as { inputs?: { data?: unknown }[] }
  for (const input of Array.isArray(inputs) ? inputs : [])
    if (input?.data instanceof JsonNumbers) input.data = input.data.toArray()
  return json
}

function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { code: 'invalid_request', message: `The body is not valid JSON.${whereNoJson(text)}` }
  }
}

/** 100 kB of elements, with everything that could mislead who looks for their end. */
const filler = new Array<string>(4000).fill(String.raw`[1.5,null,"é\"[{]},\"data\":["]`).join(',')
const tensor = (data: string): string => `{"name":"a","datatype":"FP64","shape":[1],"data":${data}}`

test('data in slices are what JSON.parse makes of the whole, whatever their elements are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.boolean(), async (element, spaced) => {
      const data = `[${filler},${JSON.stringify(element, null, spaced ? 2 : 0)},${filler}]`
      const text = `{"id":"x","inputs":[${tensor(data)},${tensor('[2]')}]}`
      expect(await read(text)).toEqual(JSON.parse(text))
    }),
    { seed: 7, numRuns: 10 },
  )
})

test.each([
  ...['', ',', '{', '[1', '}', ']', '"', '{"a":1}}', '{"a":1]', '1 2', '01', String.raw`"\x"`, '\u0000', 'NaN', '1,'],
  ...['//', "'a'", '{"a":1,"a":2}', '{"__proto__":{"x":1}}', '1e999', '-0', String.raw`"\ud800"`],
])('an element %j among others is read or refused as JSON.parse has it', async (element) => {
  const text = `{"inputs":[${tensor(`[${filler},${element},${filler}]`)}]}`
  expect(await read(text)).toEqual(whole(text))
})

const escaped = String.raw`d\u0061ta`
test.each([
  (data: string) => `{"inputs":[${tensor(data)},${tensor(data)}],"parameters":{"data":[1,2]}}`,
  (data: string) => ` { "inputs" : [ { "data" \n : \t ${data} , "name" : "a" } ] , "outputs" : [] } `,
  (data: string) => `{"inputs":[{"data":${data},"data":[1]}]}`,
  (data: string) => `{"inputs":[{"data":[1],"data":${data}}]}`,
  (data: string) => `{"inputs":[{"data":[1],"${escaped}":["trueline data 0"]},{"data":${data}}]}`,
  (data: string) => `{"inputs":[{"data":["trueline data 1"]},{"data":${data}}]}`,
  (data: string) => `{"inputs":[{"name":"trueline data 0","data":${data}}]}`,
  (data: string) => `{"inputs":[{"${escaped}":${data}}]}`,
  (data: string) => `{"inputs":[1],"inputs":[{"data":${data}}]}`,
  (data: string) => `{"inputs":[{"data":${data}}],"inputs":[{"data":[1]}]}`,
  (data: string) => `{"inputs":{"data":${data}}}`,
  (data: string) => `{"inputs":[{"data":{"data":${data}}}]}`,
  (data: string) => `{"inputs":[{"data":${data}}}`,
  (data: string) => `{"inputs":[{"data":${data}]}`,
  (data: string) => `{"inputs":[{"data":${data}}]`,
  (data: string) => `{"inputs":[{"data":${data.slice(0, -1)}`,
  (data: string) => `{"inputs":[{"data":${data},}]}`,
  (data: string) => `{"inputs":[{"data":[,${data.slice(1)}}]}`,
  () => `{"inputs":[{"data":[${' '.repeat(70_000)}]}]}`,
  (data: string) => `{"inputs":[{"data"${' '.repeat(100)}:${data}}]}`,
  (data: string) => `{"inputs":["data":${data}]}`,
  (data: string) => `{"data":${data}}`,
  (data: string) => data,
  (data: string) => `\ufeff{"inputs":[{"data":${data}}]}`,
  (data: string) => `{"inputs":[null,{"data":[]},{"data":${data}}]}`,
])('what stands around the data is read as JSON.parse reads it: %#', async (around) => {
  const text = around(`[${filler}]`)
  expect(await read(text)).toEqual(whole(text))
})

test('whole numbers of 64 bits come whole from a large body', async () => {
  const many = new Array<string>(20_000).fill('9007199254740993').join(',')
  const json = await read(`{"inputs":[{"datatype":"INT64","data":[${many},1]}]}`)
  const { data } = (json as { inputs: [{ data: unknown[] }] }).inputs[0]
  expect([data.length, data[0], data[19_999], data[20_000]]).toEqual([20_001, 2n ** 53n + 1n, 2n ** 53n + 1n, 1])
})

test('others have their turns while a large body is read', async () => {
  const text = `{"inputs":[${new Array<string>(6).fill(tensor(`[${filler}]`)).join(',')}]}`
  let turns = 0
  let isDone = false
  const others = async (): Promise<void> => {
    while (!isDone) {
      turns += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const watching = others()
  expect(await read(text)).toEqual(JSON.parse(text))
  isDone = true
  await watching
  expect(turns).toBeGreaterThan(10)
})
