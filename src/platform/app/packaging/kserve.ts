import { stringify } from 'yaml'
import type { ContainerSettings } from './container-settings.ts'
import { containerOf, podSecurity } from './kubernetes.ts'

/**
 * The image as a runtime of KServe: the model is inside, so that no storage is named. It is asked by the open inference
 * protocol over HTTP and gRPC.
 */
export function kserveOf(settings: ContainerSettings): Readonly<Record<string, string>> {
  const { name, version, scaling } = settings
  const format = { name: 'trueline', version: '1' }
  const runtime = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ServingRuntime',
    metadata: { name: `${name}-runtime`, annotations: { 'trueline/model-digest': settings.digest } },
    spec: {
      supportedModelFormats: [{ ...format, autoSelect: false }],
      protocolVersions: ['v2', 'grpc-v2'],
      multiModel: false,
      securityContext: podSecurity,
      containers: [containerOf(settings, 'kserve-container')],
      volumes: [
        { name: 'data', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  }
  const service = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name,
      labels: { 'app.kubernetes.io/version': `v${version}` },
      annotations: { 'trueline/scaling': scaling.because },
    },
    spec: {
      predictor: {
        minReplicas: scaling.min,
        maxReplicas: scaling.max,
        model: { modelFormat: format, protocolVersion: 'v2', runtime: `${name}-runtime` },
      },
    },
  }
  return { 'servingruntime.yaml': stringify(runtime), 'inferenceservice.yaml': stringify(service) }
}
