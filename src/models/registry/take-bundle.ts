import { canonicalJson } from '../../core/canonical.ts'
import { formatTime } from '../../core/time.ts'
import { type Approval, approvalStanding } from '../../governance/approvals.ts'
import { recordAct } from '../../governance/audit-log.ts'
import { platformIdentity, samePerson } from '../../governance/identity.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { type ModelBundle, rulesOfBundle } from './bundle.ts'
import { decideVersion } from './decisions.ts'
import { policyOf } from './model-policy.ts'
import { type ModelVersion, versionName } from './model-version.ts'
import { finishRun, startRun } from './runs.ts'
import { keepSignature } from './signing/signature-store.ts'
import { listVersions, registerVersion } from './versions.ts'

/**
 * Takes a version into a registry as it was taken out of another: its run with author, data and environment, and what was
 * decided on it, by whom and why. The same version comes in once. It keeps its number where that is free here, and gets the
 * next one where it is not. Approvals of there count where the same rules hold here, and by these; otherwise they are told
 * in the audit log alone, and the version is a candidate.
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
    const said =
      decision === 'approve' ? await countingHere(metadata, version, bundle, approvals) : [{ by, at, reason }]
    for (const one of said) {
      const words = `${one.reason ?? ''} (decided ${formatTime(one.at)}, before it came here)`.trim()
      version = await decideVersion(metadata, { model, version: version.version, decision, by: one.by, reason: words })
    }
  }
  for (const signature of bundle.signatures ?? [])
    await keepSignature(metadata, { model, version: version.version, ...signature })
  return version
}

/**
 * The approvals of elsewhere that are given here too: none of people whom the rules of here do not name, and none at all
 * where other rules hold here, which is put on record.
 */
async function countingHere(
  { database, clock }: Metadata,
  { model, version, author, approvals: here }: ModelVersion,
  bundle: ModelBundle,
  approvals: readonly Approval[],
): Promise<readonly Approval[]> {
  const ours = (await policyOf(database, model))?.approvals
  const theirs = rulesOfBundle(bundle)
  if (canonicalJson(ours ?? null) === canonicalJson(theirs ?? null))
    return approvalStanding(ours, [author], approvals)
      .given.filter(({ by }) => ![author, ...here.map((one) => one.by)].some((one) => samePerson(one, by)))
      .slice(0, approvalStanding(ours, [author], here).missing)
  const given = approvals.map(({ by, at, reason }) => ({ by: by.name, at: formatTime(at), reason }))
  await database.transaction().execute((transaction) =>
    recordAct(transaction, {
      ...{ by: platformIdentity('bundle'), at: clock.now(), action: 'version.approvals_elsewhere' },
      ...{ target: versionName(model, version), after: { given, rules: theirs ?? null, here: ours ?? null } },
      reason: 'They were given by other rules than hold here, and do not count.',
    }),
  )
  return []
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
