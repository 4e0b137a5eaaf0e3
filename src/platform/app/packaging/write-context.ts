import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { type Digest, digestOf } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { magicOf } from '../../../models/inference/envelope.ts'
import { ONNX_PACKAGE } from '../../../models/inference/onnx-runtime.ts'
import { ONNX_KIND } from '../../../models/inference/onnx-scorer.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import type { CapacityAnswer } from '../../api/load-test-answers.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import { composeOf } from './compose.ts'
import { type ContainerSettings, PORTS } from './container-settings.ts'
import { copyPackages } from './copy-packages.ts'
import { dockerfileOf, healthScript } from './dockerfile.ts'
import { kserveOf } from './kserve.ts'
import { kubernetesOf } from './kubernetes.ts'
import { productionPackages } from './production-packages.ts'
import { resourceName } from './resource-name.ts'
import { scalingOf } from './scaling.ts'
import { streamsToSend } from './streams-to-send.ts'

const OWN_NAME = 'trueline'
const BASE_BY_DIGEST = /^[\w./:-]+@sha256:[0-9a-f]{64}$/

export interface PackageRequest {
  readonly bundle: ModelBundle
  readonly version: number
  /** Folder of this package, built. */
  readonly packageFolder: string
  /** The program's version. */
  readonly program: string
  /** Where to write; made when missing, and empty. */
  readonly folder: string
  readonly image?: string | undefined
  readonly base?: string | undefined
  /** What was measured of a load that is to be answered; defaults without it. */
  readonly capacity?: CapacityAnswer | undefined
}

/** What was written. */
export interface WrittenContext {
  readonly files: readonly string[]
  readonly bill: Digest
  readonly image: string
}

/**
 * Writes what an image of a model is built from, with the files that run it: a Dockerfile, the program with all that it needs, the
 * model and its features by digest, a bill of materials, and manifests for compose, Kubernetes and KServe. No network is needed
 * then but for the base.
 * @returns the files and folders written, by name, the digest of the bill of materials and the reference of the image
 * @throws TruelineError `invalid_arguments`, `file_exists` when the folder has something in it, `package_incomplete`
 */
export async function writeContext(request: PackageRequest): Promise<WrittenContext> {
  const { bundle, folder, packageFolder } = request
  const settings = settingsOf(request)
  await requireEmpty(folder)
  const scorer = Buffer.from(bundle.contents[bundle.manifest.scorer] ?? '', 'base64')
  const packages = productionPackages(packageFolder, magicOf(scorer) === ONNX_KIND.magic ? [ONNX_PACKAGE] : [])
  requireBuilt(packageFolder)
  requireBindings(
    packages.map(({ name }) => name),
    settings,
  )
  await mkdir(folder, { recursive: true })
  await copyPackages(packages, OWN_NAME, join(folder, 'app', 'node_modules'))
  const files = {
    Dockerfile: dockerfileOf(settings),
    'compose.yaml': composeOf(settings),
    'sbom.cdx.json': billOfMaterials(packages, OWN_NAME, bundle),
    'README.md': readmeOf(settings),
    'app/health.js': healthScript(),
    'model/bundle.json': `${JSON.stringify(bundle)}\n`,
    'data/.keep': '',
    ...prefixed('kubernetes', kubernetesOf(settings)),
    ...prefixed('kserve', kserveOf(settings)),
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return { files: await readdir(folder), bill: digestOf(files['sbom.cdx.json']), image: settings.image }
}

function settingsOf({ bundle, version, image, base, program, capacity }: PackageRequest): ContainerSettings {
  if (base !== undefined && !BASE_BY_DIGEST.test(base))
    throw new TruelineError('invalid_arguments', `'${base}' is no image by its digest.`, {
      path: '--base',
      remedy: 'Name it such as node:24-bookworm-slim@sha256:..., or leave it out and name it when the image is built.',
    })
  const { model, digest } = bundle
  const name = resourceName(model)
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
  const sent = streamsToSend(bundle)
  const scaling = scalingOf(capacity, sent)
  return {
    ...{ model, name, version, digest, base, program, architecture, scaling, sent },
    image: image ?? `${name}:v${version}`,
  }
}

async function requireEmpty(folder: string): Promise<void> {
  if (!existsSync(folder) || (await readdir(folder)).length === 0) return
  throw new TruelineError('file_exists', `${folder} has something in it.`, {
    path: folder,
    remedy: 'Name a folder that is empty or not there yet: nothing is written over.',
  })
}

function requireBuilt(packageFolder: string): void {
  if (existsSync(join(packageFolder, 'dist', 'platform', 'cli', 'main.js'))) return
  throw new TruelineError('package_incomplete', 'This copy of trueline is not built.', {
    path: packageFolder,
    remedy: `Build the clone that the command runs from, and run it again: npm --prefix ${packageFolder} run build`,
  })
}

/** An image runs Linux: bindings that were installed for another system are of no use in it. */
function requireBindings(names: readonly string[], { architecture }: ContainerSettings): void {
  const bindings = `@duckdb/node-bindings-linux-${architecture}`
  if (names.includes(bindings)) return
  throw new TruelineError('package_incomplete', `${bindings} is not installed.`, {
    path: bindings,
    remedy: `Run the command on Linux, or install what Linux needs first: npm install --os linux --cpu ${architecture} --no-save ${bindings}`,
  })
}

function prefixed(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))
}

function readmeOf(settings: ContainerSettings): string {
  const { model, version, digest, image, architecture, name, scaling } = settings
  return `# ${model} v${version}

What an image of the model is built from (${digest}), for linux/${architecture}.

\`\`\`sh
docker build --build-arg BASE=node:24-bookworm-slim@sha256:... -t ${image} .
docker run --read-only --tmpfs /tmp -v ${name}-data:/data -p 127.0.0.1:7700:7700 ${image}
\`\`\`

The base is named by its digest and needs \`node\` of version 24 or later. The container does not run as root and writes to
\`/data\` alone. It is ready when the model gives the predictions that it gave when it was trained, to the bit; until then
\`/health/ready\` says no. Features are made from the events that are sent to it, or that the project's sources bring.
${replicasText(settings)}
- \`compose.yaml\`: the same with a volume.
- \`kubernetes/\`: a StatefulSet with probes, a Service, an address for each replica, a PodDisruptionBudget${scaling.max > scaling.min ? ' and a HorizontalPodAutoscaler by requests that wait' : ''}.
  ${scaling.min} to ${scaling.max} replicas. ${scaling.because}
- \`kserve/\`: the image as a ServingRuntime, and an InferenceService that uses it. Its \`/data\` ends with the pod.
- \`sbom.cdx.json\`: what is inside, beside the base (CycloneDX 1.6).
- \`model/bundle.json\`: the model with its definitions, evaluation and approvals.
`
}

/** What has to be known before there are two of them. */
function replicasText({ name, sent }: ContainerSettings): string {
  if (sent.length === 0) return ''
  return `
A replica answers from the events that reached it, and from no others: each event of ${sent.map((stream) => `\`${stream}\``).join(', ')} has to be sent to
every replica, by its own address (\`${name}-0.${name}-replicas:${PORTS.http}\`, \`${name}-1...\`), and one that is added needs the events before. By the
Service an event reaches one of them. So there is one replica unless a target was given, and none is added by itself. With KServe the events
are lost when a pod ends.
`
}
