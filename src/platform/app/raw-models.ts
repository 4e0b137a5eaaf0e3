import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import { platformIdentity } from '../../governance/identity.ts'
import { limits } from '../../language/define/limits.ts'
import type { RawModelDefinition } from '../../language/define/raw-model-definition.ts'
import { createOnnxModel } from '../../models/inference/onnx-model.ts'
import { createOnnxPool, type OnnxPool } from '../../models/inference/onnx-pool.ts'
import { emptyData, type Tensor, type TensorModel } from '../../models/inference/tensor.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'
import { matchInputs } from '../api/inference/match-inputs.ts'
import type { IndexEntry } from '../api/inference/model-host.ts'
import type { Parts } from './assemble-platform.ts'

/** The graphs that a project serves as they are. */
export interface RawModels {
  /** Whether the project has a raw model of this name. */
  has(name: string): boolean
  /**
   * What serves under a name.
   * @throws TruelineError `no_model_serving`
   */
  model(name: string): TensorModel
  index(): readonly IndexEntry[]
  /**
   * Lets the file of a raw model serve as it is now; what served goes on until then, and where that fails.
   * @param by part of the platform that is recorded where the file is another one than before
   * @throws TruelineError `file_not_found`, `runtime_missing`, `unsupported_model`, and what its warm-up throws
   */
  load(name: string, by: string): Promise<void>
  /** Ends the serving of a raw model until it is loaded, or the platform starts again. */
  unload(name: string): Promise<void>
  /** Lets all serve, at the start; where a file is gone or no graph any more, what served before it. */
  restore(onNote?: (text: string) => void): Promise<void>
  /** Why some do not serve. */
  reasonsNotReady(): readonly string[]
  close(): Promise<void>
}

/** Digests of what served last, by name. */
type Kept = Readonly<Record<string, string>>

const SETTING = 'raw_models'
const MOST_THREADS = 4
const MOST_WAITING = 64
/** A thread that has had nothing to do for so long ends. */
const IDLE_MS = 60_000

/**
 * The raw models of a platform.
 * @param folder where their files are looked for
 */
export function createRawModels(
  parts: Pick<Parts, 'project' | 'metadata' | 'artifacts' | 'clock'>,
  folder: string,
): RawModels {
  const { metadata, artifacts, clock } = parts
  const pool = poolOf(parts)
  const serving = new Map<string, TensorModel>()
  const unloaded = new Set<string>()
  const closing = new Set<Promise<void>>()

  function replace(name: string, next: TensorModel | undefined): void {
    const before = serving.get(name)
    if (next === undefined) serving.delete(name)
    else serving.set(name, next)
    if (before === undefined) return
    const closed = before.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  async function open(definition: RawModelDefinition, digest: string): Promise<TensorModel> {
    const model = createOnnxModel({
      ...{ name: definition.name, version: versionOf(digest), parameters: { digest } },
      ...{ bytes: await artifacts.get(digest), file: artifacts.path(digest), pool, clock },
    })
    try {
      await warmUp(model, definition)
    } catch (thrown) {
      await model.close()
      throw thrown
    }
    return model
  }

  async function kept(): Promise<Kept> {
    return ((await readSetting(metadata.database, SETTING)) ?? {}) as Kept
  }

  async function load(name: string, by: string): Promise<void> {
    const definition = parts.project.rawModels![name]!
    const digest = await artifacts.put(await contentOf(resolve(folder, definition.file)))
    const present = serving.get(name)
    if (present?.version === versionOf(digest)) return
    const next = await open(definition, digest)
    try {
      const before = await kept()
      await writeSetting(metadata.database, SETTING, { ...before, [name]: digest })
      if (before[name] !== digest) await record(by, 'raw_model.load', name, digest)
    } catch (thrown) {
      await next.close()
      throw thrown
    }
    unloaded.delete(name)
    replace(name, next)
  }

  async function record(by: string, action: string, target: string, digest: string): Promise<void> {
    const act = { by: platformIdentity(by), at: clock.now(), action, target, after: { digest } }
    await metadata.database.transaction().execute((transaction) => recordAct(transaction, act))
  }

  const names = (): readonly string[] => Object.keys(parts.project.rawModels ?? {})

  return {
    has: (name) => Object.hasOwn(parts.project.rawModels ?? {}, name),
    model(name) {
      const found = serving.get(name)
      if (found !== undefined) return found
      throw new TruelineError('no_model_serving', `The raw model '${name}' does not serve.`, {
        path: name,
        remedy: 'Look after its file, then load it by the inference protocol, or start the platform again.',
      })
    },
    index: () =>
      names().map((name) => {
        const model = serving.get(name)
        if (model !== undefined) return { name, version: model.version, state: 'READY', reason: '' }
        const reason = unloaded.has(name) ? 'unloaded' : 'its file could not be loaded'
        return { name, version: '', state: 'UNAVAILABLE', reason }
      }),
    load,
    async unload(name) {
      const model = serving.get(name)
      if (model === undefined) return
      await record('inference_protocol', 'raw_model.unload', name, model.parameters['digest']!)
      unloaded.add(name)
      replace(name, undefined)
    },
    async restore(onNote) {
      for (const name of names()) {
        try {
          await load(name, 'start')
        } catch (thrown) {
          const { message, remedy } = asTruelineError(thrown)
          const digest = (await kept())[name]
          onNote?.(`The raw model '${name}' cannot be loaded: ${message} ${remedy}`)
          if (digest === undefined) continue
          try {
            replace(name, await open(parts.project.rawModels![name]!, digest))
            onNote?.(`What served before as '${name}' goes on: ${digest}.`)
          } catch (again) {
            onNote?.(`What served before as '${name}' cannot be loaded either: ${asTruelineError(again).message}`)
          }
        }
      }
    },
    reasonsNotReady: () =>
      names()
        .filter((name) => !serving.has(name) && !unloaded.has(name))
        .map((name) => `The raw model '${name}' does not serve.`),
    async close() {
      await pool.close()
      for (const name of [...serving.keys()]) replace(name, undefined)
      await Promise.all(closing)
    },
  }
}

/** Threads for large requests; none is there before the first. */
function poolOf({ project }: Pick<Parts, 'project'>): OnnxPool {
  const { deadline, queue } = project.limits ?? limits()
  return createOnnxPool({
    workers: Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1)),
    ...{ waiting: MOST_WAITING, bytes: queue.bytes, deadline: deadline / 1000, idle: IDLE_MS },
  })
}

/** The same bytes have the same version, whenever and wherever they are served. */
function versionOf(digest: string): string {
  return digest.slice('sha256:'.length).slice(0, 12)
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new TruelineError('file_not_found', `There is no file ${path} that can be read.`, { path, cause })
  }
}

/** Runs the request of zeros that a definition asks for. */
async function warmUp(model: TensorModel, { name, warmup }: RawModelDefinition): Promise<void> {
  if (warmup === undefined) return
  const zeros = Object.entries(warmup).map(([input, shape]): Tensor => {
    const datatype = model.inputs.find((spec) => spec.name === input)?.datatype ?? 'FP32'
    const length = shape.reduce((product, size) => product * size, 1)
    const texts = datatype === 'BYTES' ? Array.from({ length }, () => new Uint8Array(0)) : undefined
    return { name: input, datatype, shape, data: texts ?? emptyData(datatype as 'FP32', length) } as Tensor
  })
  try {
    await model.infer(
      matchInputs(model, zeros),
      model.outputs.map((output) => output.name),
    )
  } catch (cause) {
    const { code, message } = asTruelineError(cause)
    throw new TruelineError(code, `The warm-up of '${name}' failed: ${message}`, { path: name, cause })
  }
}
