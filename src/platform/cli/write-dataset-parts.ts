import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import type { DatasetAnswer } from '../api/run-answers.ts'

/**
 * Divides the rows of a dataset into a file for each part, beside the manifest: what a model that is trained elsewhere learns from. It gets
 * a decimal as the number that it is when it is imported, so that is what the files have.
 * @returns how many bytes the files have together
 */
export async function writeDatasetParts(
  folder: string,
  { file, manifest, decimals }: Pick<DatasetAnswer, 'file' | 'manifest' | 'decimals'>,
): Promise<number> {
  const { numberedFile, openDuckdb, sqlName, sqlText } = await import('../../stores/lake/duckdb.ts')
  await mkdir(folder, { recursive: true })
  const { train, validate, test } = manifest.parts
  const ranges = {
    train: [0, train],
    validate: [train, train + validate],
    test: [train + validate, train + validate + test],
  }
  const numbers = Object.entries(decimals).map(
    ([name, scale]) => `${sqlName(name)} / ${10 ** scale}::DOUBLE AS ${sqlName(name)}`,
  )
  const replaced = numbers.length === 0 ? '' : `REPLACE (${numbers.join(', ')})`
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  try {
    await duckdb.withConnection(async (connection) => {
      const { from: rows, row } = await numberedFile(connection, file.path)
      for (const [part, [from, to]] of Object.entries(ranges))
        await connection.run(
          `COPY (SELECT * EXCLUDE (${row}) ${replaced} FROM ${rows} WHERE ${row} >= ${from} AND ${row} < ${to})
           TO ${sqlText(join(folder, `${part}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`,
        )
    })
  } finally {
    duckdb.close()
  }
  await writeFile(join(folder, 'manifest.json'), canonicalJson(manifest))
  const names = [...Object.keys(ranges).map((part) => `${part}.parquet`), 'manifest.json']
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
