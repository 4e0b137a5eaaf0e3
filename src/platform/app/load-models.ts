import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import { platformIdentity } from '../../governance/identity.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { servingOf } from './predicting.ts'
import { loadForServing, type ReleasingParts } from './releasing.ts'

/** Who is recorded: the inference protocol knows no callers. */
const BY = platformIdentity('inference_protocol')

/**
 * Lets a model serve again that was unloaded: the version that was promoted last, as long as it is approved. Nothing is
 * approved or promoted by it.
 * @throws TruelineError `unknown_model`, `no_model_serving` where none was promoted, `not_approved`, and the codes of
 *   `loadForServing`
 */
export async function loadModel(parts: ReleasingParts, model: string): Promise<void> {
  const { metadata, monitors, servings } = parts
  const serving = servingOf(servings, model)
  const current = await currentServing(metadata, model)
  if (current === undefined)
    throw new TruelineError('no_model_serving', `No version of '${model}' was promoted yet.`, { path: model })
  if (serving.served?.version === current.version) return
  const version = await readVersion(metadata, model, current.version)
  if (version.state !== 'approved')
    throw new TruelineError(
      'not_approved',
      `${versionName(model, version.version)} is not approved: it is ${version.state}.`,
    )
  const loaded = await loadForServing(parts, model, current.version)
  const serve = serving.prepare(loaded)
  const watch = await monitors.prepare(loaded, { recover: true })
  await record(parts, 'model.load', model, { version: current.version })
  watch()
  serve()
}

/**
 * Ends the serving of a model until it is loaded, a version of it is promoted, or the platform starts again.
 * @throws TruelineError `unknown_model`
 */
export async function unloadModel(parts: ReleasingParts, model: string): Promise<void> {
  const serving = servingOf(parts.servings, model)
  const { served } = serving
  if (served === undefined) return
  await record(parts, 'model.unload', model, { version: served.version })
  serving.withdraw()
}

async function record(
  { metadata: { database, clock } }: ReleasingParts,
  action: string,
  target: string,
  after: { readonly version: number },
): Promise<void> {
  await database
    .transaction()
    .execute((transaction) => recordAct(transaction, { by: BY, at: clock.now(), action, target, after }))
}
