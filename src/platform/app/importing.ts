import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { MOST_FILE_BYTES } from '../../models/inference/formats/read-model-file.ts'
import type { ImportedFile } from '../../models/training/training-job.ts'
import type { ImportOptions } from '../api/training-answers.ts'

/** A model that another library trained, to be judged as one that is trained here. */
export interface ImportRequest {
  readonly content: Uint8Array
  readonly digest: Digest
  readonly byOrder: boolean
  /** What is said of it elsewhere: kept, and never compared with what is measured here. */
  readonly claimed: Readonly<Record<string, number>>
  /** Where among the artifacts its file was logged, or what it was called where it came from. */
  readonly from?: string
  /** The logged version that it gives a contract to. */
  readonly logged?: number
}

/**
 * A request as the API has it.
 * @throws TruelineError `model_file_invalid` for content that is no base64, empty or too large
 */
export function importRequestOf({
  content,
  name,
  byOrder = false,
  metrics = {},
}: Omit<ImportOptions, 'content'> & { readonly content: string }): ImportRequest {
  const bytes = Buffer.from(content, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== content)
    throw new TruelineError('model_file_invalid', 'The content of the file is no base64, or empty.', {
      path: 'content',
    })
  if (bytes.length > MOST_FILE_BYTES)
    throw new TruelineError(
      'model_file_invalid',
      `The file has ${bytes.length} bytes; at most ${MOST_FILE_BYTES} are read.`,
      {
        path: 'content',
      },
    )
  const from = name === undefined ? {} : { from: name }
  return { content: bytes, digest: digestOf(bytes), byOrder, claimed: metrics, ...from }
}

/** What a run and a version say of where a model came from. */
export function provenanceOf({ digest, content, byOrder, claimed, from }: ImportRequest) {
  const inputs = byOrder ? 'by order' : 'by name'
  return { file: digest, bytes: content.length, inputs, claimed, ...(from === undefined ? {} : { from }) }
}

/** Writes the file where the process that judges it finds it. */
export async function putFile({ content, byOrder }: ImportRequest, folder: string): Promise<ImportedFile> {
  const path = join(folder, 'imported-model')
  await writeFile(path, content)
  return { path, byOrder }
}
