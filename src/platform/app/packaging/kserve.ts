import { stringify } from 'yaml'
import { type ContainerSettings, SECONDS_TO_STOP } from './container-settings.ts'
import { containerOf, podSecurity } from './kubernetes.ts'

/**
 * The image as a runtime of KServe: the model is inside, so that no storage is named. It is asked by the open inference
 * protocol over HTTP and gRPC. Its two ports and what secures its pod are more than Knative takes, so it is deployed as a plain
 * Deployment, by the name for that which every release of KServe knows.
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
      annotations: { 'serving.kserve.io/deploymentMode': 'RawDeployment', 'trueline/scaling': scaling.because },
    },
    spec: {
      predictor: {
        minReplicas: scaling.min,
        maxReplicas: scaling.max,
        // A runtime has no field for what concerns the pod.
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: SECONDS_TO_STOP,
        securityContext: podSecurity,
        model: { modelFormat: format, protocolVersion: 'v2', runtime: `${name}-runtime` },
      },
    },
  }
  return { 'servingruntime.yaml': stringify(runtime), 'inferenceservice.yaml': stringify(service) }
}
