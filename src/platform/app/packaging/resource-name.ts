/** A label of 63 characters, less what Kubernetes and the manifests put behind it. */
const MOST_OF_A_NAME = 45

/**
 * A model's name as names of images, services and hosts may be (RFC 1123): lower-case letters and digits, hyphens between them,
 * a letter first, and short enough for what is put behind it.
 */
export function resourceName(model: string): string {
  const name = model
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, MOST_OF_A_NAME)
    .replace(/-$/, '')
  return /^[a-z]/.test(name) ? name : `model-${name}`.replace(/-$/, '')
}
