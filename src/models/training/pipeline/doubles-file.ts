import { readFile, writeFile } from 'node:fs/promises'

/** Writes numbers as they are in memory: little-endian doubles, bit for bit. */
export async function writeDoubles(path: string, values: Float64Array): Promise<void> {
  await writeFile(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

/** Reads what `writeDoubles` wrote. */
export async function readDoubles(path: string): Promise<Float64Array> {
  const bytes = await readFile(path)
  // The bytes may lie anywhere in memory that they share with others.
  return new Float64Array(Uint8Array.from(bytes).buffer)
}
