import { type Digest, digestOfJson } from '../../core/digest.ts'

/** What a model is, part by part: the digest of each part's content, no times, paths or thread counts. */
export interface ModelManifest {
  /** Artifact: what turns a vector into a score. */
  readonly scorer: Digest
  /** Artifact: what turns features into the vector. */
  readonly encoders: Digest
  /** Artifact: what makes a probability that can be believed of a score; absent where the score stays as it is. */
  readonly calibration?: Digest
  /** Artifact: what turns a score into a decision. */
  readonly decision: Digest
  /** Artifact: names and types of what goes in and comes out. */
  readonly contract: Digest
  /** Digest of the definition of each feature or group of features that it reads, by name. */
  readonly features: Readonly<Record<string, Digest>>
}

/** Raised when the manifest says something else than before, so that equal digests always mean the same. */
const MANIFEST_VERSION = 1

/** All that a model's digest says. */
export function manifestContent(manifest: ModelManifest) {
  const { scorer, encoders, calibration, decision, contract, features } = manifest
  return { manifest: MANIFEST_VERSION, scorer, encoders, calibration, decision, contract, features }
}

/** The digest of a model: equal for equal content, wherever and whenever it was trained. */
export function modelDigest(manifest: ModelManifest): Digest {
  return digestOfJson(manifestContent(manifest))
}

/** The artifacts of a manifest, by the name of the part. */
export function manifestArtifacts({
  scorer,
  encoders,
  calibration,
  decision,
  contract,
}: ModelManifest): Readonly<Record<string, Digest>> {
  return { scorer, encoders, ...(calibration === undefined ? {} : { calibration }), decision, contract }
}
