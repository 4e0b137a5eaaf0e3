import { canonicalJson } from '../../../core/canonical.ts'
import { uuidOf } from '../../../core/uuid.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { modelComponents } from './model-component.ts'
import type { ProductionPackage } from './production-packages.ts'

/**
 * What is in an image beside its base, as CycloneDX 1.6: every package with its version and licence, and the model with the
 * digest of each of its parts. The same content gives the same bytes.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(packages: readonly ProductionPackage[], own: string, bundle: ModelBundle): string {
  const components = packages.filter(({ name }) => name !== own).map(componentOf)
  const root = packages.find(({ name }) => name === own)!
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...componentOf(root), type: 'application' } },
    components: [...components, ...modelComponents(bundle)],
  }
  return textOf(content)
}

/** What a version of a model is made of, and how it was found to do: a bill of materials of machine learning. */
export function modelBill(bundle: ModelBundle): string {
  const [model, ...data] = modelComponents(bundle)
  return textOf({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: model },
    components: data,
  })
}

function textOf(content: object): string {
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
