import { canonicalJson } from '../../../core/canonical.ts'
import { uuidOf } from '../../../core/uuid.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { manifestArtifacts } from '../../../models/registry/manifest.ts'
import type { ProductionPackage } from './production-packages.ts'

/**
 * What is in an image beside its base, as CycloneDX 1.6: every package with its version and licence, and the model with the
 * digest of each of its parts. The same content gives the same bytes.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(packages: readonly ProductionPackage[], own: string, bundle: ModelBundle): string {
  const { model, variant, digest, manifest, definitionDigest } = bundle
  const components = packages.filter(({ name }) => name !== own).map(componentOf)
  const root = packages.find(({ name }) => name === own)!
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...componentOf(root), type: 'application' } },
    components: [
      ...components,
      {
        type: 'machine-learning-model',
        'bom-ref': `model:${model}`,
        name: model,
        version: digest,
        hashes: [{ alg: 'SHA-256', content: hexOf(digest) }],
        properties: [
          { name: 'trueline:variant', value: variant },
          { name: 'trueline:definitions', value: definitionDigest },
          ...Object.entries(manifestArtifacts(manifest)).map(([name, value]) => ({
            name: `trueline:part:${name}`,
            value,
          })),
          ...Object.entries(manifest.features).map(([name, value]) => ({ name: `trueline:feature:${name}`, value })),
        ],
      },
    ],
  }
  return `${JSON.stringify({ ...content, serialNumber: `urn:uuid:${uuidOf(canonicalJson(content))}` }, null, 2)}\n`
}

function componentOf({ name, version, license, place }: ProductionPackage) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': `npm:${place}`,
    name,
    version,
    purl,
    ...(license === undefined
      ? {}
      : { licenses: [license.includes(' ') ? { expression: license } : { license: { id: license } }] }),
  }
}

function hexOf(digest: string): string {
  return digest.replace('sha256:', '')
}
