import { formatTime } from '../../core/time.ts'
import { samePerson } from '../../governance/identity.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ModelBundle } from './bundle.ts'
import { decideVersion } from './decisions.ts'
import type { ModelVersion } from './model-version.ts'
import { finishRun, startRun } from './runs.ts'
import { keepSignature } from './signing/signature-store.ts'
import { listVersions, registerVersion } from './versions.ts'

/**
 * Takes a version into a registry as it was taken out of another: its run with author, data and environment, and what was
 * decided on it, by whom and why. The same version comes in once. It keeps its number where that is free here, and gets the
 * next one where it is not.
 * @param bundle as `readBundle` gives it
 */
export async function takeBundle(metadata: Metadata, artifacts: Artifacts, bundle: ModelBundle): Promise<ModelVersion> {
  const { model, digest } = bundle
  const { items } = await listVersions(metadata, model, { limit: 1000 })
  const known = items.find((version) => version.digest === digest)
  if (known?.state === 'approved') return known
  let version = known ?? (await register(metadata, artifacts, bundle))
  // A start that was cut short between two decisions goes on behind the last one.
  for (const { decision, by, at, reason } of bundle.decisions.slice(version.decisions.length)) {
    const approvals = decision === 'approve' ? (bundle.approvals ?? [{ by, at, reason }]) : []
    const { approvals: here } = version
    const lacking = approvals.filter((one) => !here.some((given) => samePerson(given.by, one.by)))
    const said = decision === 'approve' ? lacking : [{ by, at, reason }]
    for (const one of said) {
      const words = `${one.reason ?? ''} (decided ${formatTime(one.at)}, before it came here)`.trim()
      const decided = { model, version: version.version, decision, by: one.by, reason: words }
      version = await decideVersion(metadata, { ...decided, needed: approvals.length })
    }
  }
  for (const signature of bundle.signatures ?? [])
    await keepSignature(metadata, { model, version: version.version, ...signature })
  return version
}

async function register(metadata: Metadata, artifacts: Artifacts, bundle: ModelBundle): Promise<ModelVersion> {
  const { model, version, variant, manifest, attachments, definition, evaluation, gate, author } = bundle
  const { parameters, seed, metrics, data, environment } = bundle.run
  for (const content of Object.values(bundle.contents)) await artifacts.put(Buffer.from(content, 'base64'))
  const run = await startRun(metadata, { model, author: bundle.run.author, parameters, seed })
  await finishRun(metadata, run.id, { status: 'succeeded', metrics: metrics ?? {}, data, environment })
  const created = {
    ...{ model, variant, manifest, attachments, definition, evaluation, gate, runId: run.id, author },
    ...(version === undefined ? {} : { version }),
  }
  return (await registerVersion(metadata, artifacts, created)).version
}
