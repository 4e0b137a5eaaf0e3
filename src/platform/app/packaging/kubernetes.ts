import { stringify } from 'yaml'
import { type ContainerSettings, DATA, PORTS, SECONDS_TO_BE_LEFT, SECONDS_TO_STOP, USER } from './container-settings.ts'

/** Requests that wait in one replica before another one is wanted. */
const WAITING_A_REPLICA = 8

/**
 * Manifests by the name of their file. Replicas have a volume each, so that one that starts again has its state; which
 * events reach them is decided by who sends, or by the sources of the project, which every replica reads. So each has an address
 * of its own, and none is added by itself where events have to be sent to it.
 */
export function kubernetesOf(settings: ContainerSettings): Readonly<Record<string, string>> {
  const { min, max } = settings.scaling
  const documents = {
    'statefulset.yaml': statefulSet(settings),
    'service.yaml': service(settings),
    'replicas.yaml': replicas(settings),
    'poddisruptionbudget.yaml': disruptionBudget(settings),
    ...(max > min ? { 'horizontalpodautoscaler.yaml': autoscaler(settings) } : {}),
  }
  // Each manifest is read, patched and cut up by other tools: none of them need know of aliases.
  const text = (document: object): string => stringify(document, { aliasDuplicateObjects: false })
  return Object.fromEntries(Object.entries(documents).map(([file, document]) => [file, text(document)]))
}

function labelsOf({ name }: ContainerSettings) {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'trueline' }
}

/** A container as it runs anywhere: not as root, without capabilities, on a root that is read-only. */
export function containerOf({ image, scaling: { resources } }: ContainerSettings, name: string) {
  const get = (path: string) => ({ httpGet: { path, port: 'http' } })
  return {
    name,
    image,
    ports: [
      { name: 'http', containerPort: PORTS.http },
      { name: 'grpc', containerPort: PORTS.grpc },
    ],
    // A state that is made again from the log takes as long as the log is.
    startupProbe: { ...get('/health/ready'), periodSeconds: 2, failureThreshold: 300 },
    readinessProbe: { ...get('/health/ready'), periodSeconds: 2, failureThreshold: 1 },
    livenessProbe: { ...get('/health/live'), periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 3 },
    // Requests are still sent here until all who route them know that the pod ends. An image need not have a shell.
    lifecycle: { preStop: { exec: { command: ['node', '-e', `setTimeout(() => {}, ${SECONDS_TO_BE_LEFT * 1000})`] } } },
    resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'data', mountPath: DATA },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}

/** Who the processes of a pod are. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  seccompProfile: { type: 'RuntimeDefault' },
}

function statefulSet(settings: ContainerSettings) {
  const { name, digest, scaling } = settings
  const labels = labelsOf(settings)
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels, annotations: { 'trueline/scaling': scaling.because } },
    spec: {
      serviceName: `${name}-replicas`,
      replicas: scaling.min,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          annotations: {
            'trueline/model-digest': digest,
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': String(PORTS.http),
            'prometheus.io/path': '/metrics',
          },
        },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: SECONDS_TO_STOP,
          securityContext: podSecurity,
          containers: [containerOf(settings, 'trueline')],
          volumes: [{ name: 'tmp', emptyDir: {} }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
        },
      ],
    },
  }
}

const servicePorts = [
  { name: 'http', port: PORTS.http, targetPort: 'http', appProtocol: 'http' },
  { name: 'grpc', port: PORTS.grpc, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' },
]

function service(settings: ContainerSettings) {
  const labels = labelsOf(settings)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: settings.name, labels },
    spec: { selector: labels, ports: servicePorts },
  }
}

/** An address for each replica, also while it is not ready: events are sent to all of them. */
function replicas(settings: ContainerSettings) {
  const labels = labelsOf(settings)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${settings.name}-replicas`, labels },
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: labels, ports: servicePorts },
  }
}

function disruptionBudget(settings: ContainerSettings) {
  const labels = labelsOf(settings)
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: settings.name, labels },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  }
}

/** By requests that wait, which an adapter takes from /metrics, and by the processor where there is no adapter. */
function autoscaler(settings: ContainerSettings) {
  const {
    name,
    scaling: { min, max, utilization, because },
  } = settings
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, labels: labelsOf(settings), annotations: { 'trueline/scaling': because } },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'trueline_requests_waiting' },
            target: { type: 'AverageValue', averageValue: String(WAITING_A_REPLICA) },
          },
        },
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: utilization } },
        },
      ],
      // A replica that is let go of has state that others have to do without.
      behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
    },
  }
}
