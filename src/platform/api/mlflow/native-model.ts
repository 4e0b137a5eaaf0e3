import type { Digest } from '../../../core/digest.ts'
import { digestOfJson } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { versionName } from '../../../models/registry/model-version.ts'
import { artifactPath } from '../../../stores/artifacts/artifact-path.ts'
import { listTree, putTreeFile, type TreeFile } from '../../../stores/artifacts/artifact-trees.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'

/** The folder of artifacts where versions that were trained here lie, for clients to read. */
const FOLDER = 'trueline'
const GRAPH = 'model.onnx'
const DESCRIPTION = 'MLmodel'

/**
 * The address of a version that was trained here as a client of MLflow loads it: a folder named by its content, with an
 * `MLmodel` of the flavours `onnx` and `python_function` and the graph, made when it is first asked for. Any other address
 * stays as it is.
 * @param source such as `trueline:/late_flight/3`
 * @throws TruelineError `unknown_artifact` for a version that has no graph; `artifact_missing`, `artifact_corrupt`
 */
export async function nativeModelUri(
  { metadata, artifacts }: { readonly metadata: Metadata; readonly artifacts: Artifacts },
  source: string,
): Promise<string> {
  const [, model, number] = /^trueline:\/(.+)\/(\d+)$/.exec(source) ?? []
  if (model === undefined || number === undefined) return source
  const row = await metadata.database
    .selectFrom('model_versions')
    .select(['digest', 'attachments'])
    .where('model', '=', model)
    .where('version', '=', Number(number))
    .executeTakeFirst()
  if (row === undefined) return source
  const { onnx } = JSON.parse(row.attachments) as { readonly onnx?: Digest }
  const name = versionName(model, Number(number))
  if (onnx === undefined)
    throw new TruelineError('unknown_artifact', `${name} has no ONNX graph that a client could load.`, {
      path: source,
      remedy: `Ask the platform for predictions of it, or see its parts: \`trueline models show ${model} ${number}\`.`,
    })
  const description = descriptionOf(row.digest)
  const folder = `${FOLDER}/${digestOfJson({ description, onnx }).replace('sha256:', '')}`
  const kept = await listTree(metadata, folder)
  if (!isWhole(kept, onnx)) {
    const graph = await artifacts.get(onnx)
    await putTreeFile(metadata, artifacts, `${folder}/${GRAPH}`, once(graph))
    await putTreeFile(metadata, artifacts, `${folder}/${DESCRIPTION}`, once(new TextEncoder().encode(description)))
  }
  return `mlflow-artifacts:/${folder}`
}

/**
 * Refuses to write where versions that were trained here lie.
 * @throws TruelineError `model_governed`; `invalid_parameter` for a path that is none
 */
export function refuseNativeModel(text: string): void {
  const path = artifactPath(text)
  if (path !== FOLDER && !path.startsWith(`${FOLDER}/`)) return
  throw new TruelineError('model_governed', `'${path}' belongs to versions that were trained here: it is only read.`, {
    path,
  })
}

function isWhole(kept: readonly TreeFile[], onnx: Digest): boolean {
  return kept.some(({ path }) => path === DESCRIPTION) && kept.some((one) => one.path === GRAPH && one.digest === onnx)
}

/** @param digest of the version's content */
function descriptionOf(digest: string): string {
  return `flavors:
  onnx:
    data: ${GRAPH}
    providers:
    - CPUExecutionProvider
  python_function:
    data: ${GRAPH}
    loader_module: mlflow.onnx
metadata:
  trueline.digest: ${digest}
`
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}
