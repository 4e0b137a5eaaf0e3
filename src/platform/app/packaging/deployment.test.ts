import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { count } from '../../../language/define/aggregations.ts'
import { collectProject } from '../../../language/define/collect-project.ts'
import { t } from '../../../language/define/column-types.ts'
import type { Definition } from '../../../language/define/definitions.ts'
import { entity } from '../../../language/define/entity.ts'
import { features } from '../../../language/define/features.ts'
import { label } from '../../../language/define/label.ts'
import { model } from '../../../language/define/model.ts'
import { byTime } from '../../../language/define/model-parts.ts'
import { source } from '../../../language/define/source.ts'
import { jsonLines } from '../../../language/define/source-locations.ts'
import { stream } from '../../../language/define/stream.ts'
import { col } from '../../../language/define/terms.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import type { CapacityAnswer } from '../../api/load-test-answers.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import { composeOf } from './compose.ts'
import type { ContainerSettings } from './container-settings.ts'
import { dockerfileOf } from './dockerfile.ts'
import { kserveOf } from './kserve.ts'
import { kubernetesOf } from './kubernetes.ts'
import { scalingOf } from './scaling.ts'
import { streamsToSend } from './streams-to-send.ts'

const digest = `sha256:${'ab'.repeat(32)}` as const
const settings: ContainerSettings = {
  ...{ model: 'late_flight', name: 'late-flight', version: 3, digest, image: 'registry.example/late-flight:v3' },
  ...{ architecture: 'x64', program: '0.1.0', scaling: scalingOf(undefined), sent: [] },
}

test('an image has no base unless somebody names one, is built without running anything, and does not run as root', () => {
  const text = dockerfileOf(settings)
  expect(text).toMatch(/^ARG BASE$/m)
  expect(text).not.toMatch(/^(RUN|ADD)/m)
  expect(text).toMatch(/^USER 65532:65532$/m)
  expect(text).toContain(digest)
  const base = `node:24-bookworm-slim@${digest}`
  expect(dockerfileOf({ ...settings, base })).toContain(`ARG BASE=${base}\n`)
  const lines = text.split('\n').filter((line) => /^(HEALTHCHECK|ENTRYPOINT|CMD)/.test(line))
  for (const line of lines)
    expect(JSON.parse(line.slice(line.indexOf('['))), line).toEqual(expect.arrayContaining([expect.any(String)]))
})

test('what runs it makes the root read-only and takes every capability away', () => {
  const { services } = parse(composeOf(settings))
  expect(services['late-flight'].build.args.BASE).toMatch(/^\$\{BASE:\?/)
  const based = parse(composeOf({ ...settings, base: `node:24-bookworm-slim@${digest}` }))
  expect(based.services['late-flight'].build).toEqual({ context: '.' })
  expect(services['late-flight']).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: '65532:65532' })
  const { spec } = parse(kubernetesOf(settings)['statefulset.yaml']!).spec.template
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  expect(spec.containers[0].securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  })
  const { containers } = parse(kserveOf(settings)['servingruntime.yaml']!).spec
  expect(containers[0]).toMatchObject({ name: 'kserve-container', securityContext: { readOnlyRootFilesystem: true } })
})

test('what is scaled, protected and reached is what runs', () => {
  const files = Object.fromEntries(
    Object.entries(kubernetesOf(settings)).map(([name, text]) => [name, parse(text)] as const),
  )
  for (const text of Object.values(kubernetesOf(settings))) expect(text).not.toMatch(/[:-] [&*]/)
  const set = files['statefulset.yaml']
  const { labels } = set.spec.template.metadata
  expect(set.spec.selector.matchLabels).toEqual(labels)
  expect(files['service.yaml'].spec.selector).toEqual(labels)
  expect(files['replicas.yaml'].spec).toMatchObject({ selector: labels, clusterIP: 'None' })
  expect(set.spec.serviceName).toBe(files['replicas.yaml'].metadata.name)
  expect(files['poddisruptionbudget.yaml'].spec.selector.matchLabels).toEqual(labels)
  expect(files['horizontalpodautoscaler.yaml'].spec.scaleTargetRef).toMatchObject({
    kind: set.kind,
    name: set.metadata.name,
  })
  const ports = set.spec.template.spec.containers[0].ports.map(({ name }: { name: string }) => name)
  for (const { targetPort } of files['service.yaml'].spec.ports) expect(ports).toContain(targetPort)
  const mounted = set.spec.template.spec.containers[0].volumeMounts.map(({ name }: { name: string }) => name)
  const volumes = [
    ...set.spec.template.spec.volumes,
    ...set.spec.volumeClaimTemplates.map(({ metadata }: { metadata: object }) => metadata),
  ]
  expect(mounted.toSorted()).toEqual(volumes.map(({ name }) => name).toSorted())
  const runtime = parse(kserveOf(settings)['servingruntime.yaml']!)
  const service = parse(kserveOf(settings)['inferenceservice.yaml']!)
  expect(service.spec.predictor.model.runtime).toBe(runtime.metadata.name)
  expect(service.spec.predictor.model.modelFormat.name).toBe(runtime.spec.supportedModelFormats[0].name)
})

test('what KServe is given are fields that it has, in the mode that takes them', () => {
  const files = kserveOf(settings)
  // https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1alpha1/servingruntime_types.go: all else is refused.
  const fields = ['supportedModelFormats', 'protocolVersions', 'multiModel', 'containers', 'volumes']
  expect(Object.keys(parse(files['servingruntime.yaml']!).spec)).toEqual(fields)
  const { metadata, spec } = parse(files['inferenceservice.yaml']!)
  // Knative takes one port, and no security of the pod.
  expect(metadata.annotations['serving.kserve.io/deploymentMode']).toBe('RawDeployment')
  expect(spec.predictor).toMatchObject({ securityContext: { runAsNonRoot: true }, terminationGracePeriodSeconds: 60 })
})

test('a pod that is to end is left alone by whoever routes requests before it is told to stop', () => {
  const { terminationGracePeriodSeconds, containers } = parse(kubernetesOf(settings)['statefulset.yaml']!).spec.template
    .spec
  const [program, flag, wait] = containers[0].lifecycle.preStop.exec.command
  expect([program, flag]).toEqual(['node', '-e'])
  const seconds = Number(/, (\d+)\)$/.exec(wait)![1]) / 1000
  expect(seconds).toBeGreaterThanOrEqual(5)
  // What is left is the program's own, whose deadline is 10 s unless the project says otherwise.
  expect(terminationGracePeriodSeconds - seconds).toBeGreaterThanOrEqual(30)
})

test('replicas and resources are those that were measured, and else defaults that say so', () => {
  const measured = scalingOf({
    ...{
      model: 'late_flight',
      version: 3,
      target: 2000,
      headroom: 0.3,
      spare: 0,
      replicas: 4,
      low: 2,
      sustained: 800,
      assumes: [],
    },
    ...{ cpuPerRequest: 400, cpuAtHeadroom: 0.224 },
    resources: { requests: { cpu: '200m', memory: '384Mi' }, limits: { memory: '576Mi' } },
    evidence: { number: 12 } as CapacityAnswer['evidence'],
  })
  // One answers 800 * 0.7 = 560 of its own 500 before the headroom begins.
  expect(measured).toMatchObject({ min: 4, max: 8, utilization: 112 })
  const files = kubernetesOf({ ...settings, scaling: measured })
  const scaler = parse(files['horizontalpodautoscaler.yaml']!)
  expect(scaler.spec).toMatchObject({ minReplicas: 4, maxReplicas: 8 })
  expect(scaler.spec.metrics[1].resource.target.averageUtilization).toBe(112)
  expect(scaler.metadata.annotations['trueline/scaling']).toMatch(
    /^Load test 12: one replica sustains 800 requests\/s; 4 for 2000/,
  )
  const set = parse(files['statefulset.yaml']!)
  expect(set.spec.replicas).toBe(4)
  expect(set.spec.template.spec.containers[0].resources).toEqual(measured.resources)
  const { predictor } = parse(kserveOf({ ...settings, scaling: measured })['inferenceservice.yaml']!).spec
  expect(predictor).toMatchObject({ minReplicas: 4, maxReplicas: 8 })
  const usual = parse(kubernetesOf(settings)['horizontalpodautoscaler.yaml']!)
  expect(usual.spec).toMatchObject({ minReplicas: 2, maxReplicas: 10 })
  expect(usual.metadata.annotations['trueline/scaling']).toContain('defaults')
})

test('no replica is added by itself that would know nothing of the events before it', () => {
  const orders = stream('orders', {
    ...{ key: 'order', time: 'at' },
    schema: { order: t.string(), customer: t.string(), amount: t.number(), at: t.timestamp() },
  })
  const customer = entity('customer', { customer: t.string() })
  const customerOrders = features('customer_orders', {
    ...{ entity: customer, from: orders },
    select: { orders_90d: count().over('90d') },
  })
  const sold = (ofEvents: boolean) =>
    model('sold', {
      ...{
        predicts: 'whether',
        at: orders,
        time: 'at',
        features: [orders.pick('amount'), ...(ofEvents ? [customerOrders] : [])],
      },
      label: label(orders, col('amount').gt(0)).on('order').within('1d').absent(false),
      split: byTime({ train: '80d', validate: '20d', test: '25d' }),
    })
  const sentOf = (...definitions: Definition[]) =>
    streamsToSend({ model: 'sold', definition: collectProject(definitions) })
  expect(sentOf(sold(false))).toEqual([])
  const sent = sentOf(sold(true))
  expect(sent).toEqual(['orders'])
  const file = { into: orders, from: jsonLines('orders/*.jsonl') }
  expect(sentOf(source('file', file), sold(true))).toEqual(['orders'])
  expect(sentOf(source('file', { ...file, schedule: '* * * * *' }), sold(true))).toEqual([])
  const scaling = scalingOf(undefined, sent)
  expect(scaling).toMatchObject({ min: 1, max: 1, because: expect.stringContaining('One replica') })
  const files = kubernetesOf({ ...settings, scaling, sent })
  expect(Object.keys(files)).not.toContain('horizontalpodautoscaler.yaml')
  expect(parse(files['statefulset.yaml']!).spec.replicas).toBe(1)
  const capacity = {
    ...{ model: 'm', version: 1, target: 10, headroom: 0.3, spare: 0, sustained: 800, assumes: [] },
    evidence: { number: 1 } as CapacityAnswer['evidence'],
  }
  expect(scalingOf({ ...capacity, replicas: 1 }, sent)).toMatchObject({ min: 1, max: 1 })
  expect(scalingOf({ ...capacity, replicas: 3 }, sent)).toMatchObject({ min: 3, max: 3 })
})

test('a small load still has two replicas, and what was not measured of a replica is a default', () => {
  const { min, max, utilization, resources } = scalingOf({
    ...{ model: 'm', version: 1, target: 10, headroom: 0.3, spare: 0, replicas: 1, sustained: 800, assumes: [] },
    evidence: { number: 1 } as CapacityAnswer['evidence'],
  })
  expect({ min, max, utilization }).toEqual({ min: 2, max: 4, utilization: 70 })
  expect(resources).toEqual(scalingOf(undefined).resources)
})

test('the least that is requested is more than a small load takes: another replica is wanted before one is at its end', () => {
  const scaling = scalingOf({
    ...{
      model: 'm',
      version: 1,
      target: 10,
      headroom: 0.3,
      spare: 0,
      replicas: 1,
      sustained: 800,
      cpuAtHeadroom: 0.056,
    },
    ...{ assumes: [], evidence: { number: 1 } as CapacityAnswer['evidence'] },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  })
  // One answers 560 requests/s with a twentieth of a core and an eighth of that.
  expect(scaling).toMatchObject({ min: 2, utilization: 112 })
})

test('a bill of materials lists packages with licences and the model by its digest, and is the same for the same content', () => {
  const bundle = {
    ...{ model: 'late_flight', variant: 'full', digest, definitionDigest: digest },
    manifest: {
      ...{ scorer: digest, encoders: digest, calibration: digest, decision: digest, contract: digest },
      features: { delays: digest },
    },
    definition: {
      models: {
        late_flight: {
          ...{ predicts: 'lateness', task: 'binary', trainer: { kind: 'gbdt' } },
          card: { intendedUse: 'planning', limits: 'none of it at night' },
        },
      },
    },
    evaluation: {
      metrics: { auc: { value: 0.75, low: 0.7, high: 0.8 } },
      ofClasses: { classes: [{ name: 'late', auc: { value: 0.6, low: 0.5, high: 0.7 } }, { name: 'lost' }] },
      segments: [],
    },
    author: { name: 'ada', asserted: true },
    run: { parameters: { trees: 3 }, data: { content: digest, rows: 5, files: { departures: [{ digest, rows: 5 }] } } },
  } as unknown as ModelBundle
  const packages = [
    { name: '@duckdb/node-api', version: '1.5.6-r.1', license: 'MIT', folder: '/x', place: '@duckdb/node-api' },
    { name: 'trueline', version: '0.1.0', license: 'Apache-2.0', folder: '/y', place: 'trueline' },
    { name: 'both', version: '2.0.0', license: '(MIT OR Apache-2.0)', folder: '/z', place: 'both' },
  ]
  const text = billOfMaterials(packages, 'trueline', bundle)
  expect(billOfMaterials(packages, 'trueline', bundle)).toBe(text)
  const { components, metadata, serialNumber } = JSON.parse(text)
  expect(metadata.component).toMatchObject({ type: 'application', name: 'trueline' })
  expect(components).toMatchObject([
    { purl: 'pkg:npm/%40duckdb/node-api@1.5.6-r.1', licenses: [{ license: { id: 'MIT' } }] },
    { name: 'both', licenses: [{ expression: '(MIT OR Apache-2.0)' }] },
    {
      ...{ type: 'machine-learning-model', version: digest, hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }] },
      modelCard: {
        modelParameters: { datasets: [{ ref: `dataset:${'ab'.repeat(32)}` }] },
        quantitativeAnalysis: {
          performanceMetrics: [
            { type: 'auc', value: '0.75', confidenceInterval: { lowerBound: '0.7', upperBound: '0.8' } },
            {
              ...{ type: 'auc', slice: 'class = late', value: '0.6' },
              confidenceInterval: { lowerBound: '0.5', upperBound: '0.7' },
            },
          ],
        },
        considerations: { useCases: ['planning'], technicalLimitations: ['none of it at night'] },
      },
    },
    { type: 'data', 'bom-ref': `dataset:${'ab'.repeat(32)}`, version: digest },
  ])
  const listed = components.at(-2).properties.map(({ name }: { name: string }) => name)
  for (const part of ['scorer', 'encoders', 'calibration', 'decision', 'contract'])
    expect(listed).toContain(`trueline:part:${part}`)
  expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(billOfMaterials(packages.slice(0, 2), 'trueline', bundle)).not.toContain(serialNumber)
})
