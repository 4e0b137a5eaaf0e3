import { type ContainerSettings, DATA, PORTS, USER } from './container-settings.ts'

/**
 * How the image is built: nothing runs while it is built, nothing is fetched but the base, and every file is what the
 * context has. The base needs a `node` of version 24 or later on its path, and the C library that it is linked to.
 */
export function dockerfileOf({ model, version, digest, base, program }: ContainerSettings): string {
  return `# Serves ${model} v${version} (${digest}).
# The base is named by its digest:  --build-arg BASE=node:24-bookworm-slim@sha256:...
ARG BASE${base === undefined ? '' : `=${base}`}
FROM \${BASE}

LABEL org.opencontainers.image.title="${model}" \\
      org.opencontainers.image.version="v${version}" \\
      org.opencontainers.image.revision="${digest}" \\
      org.opencontainers.image.description="Served by trueline ${program}"

COPY app/ /app/
COPY model/ /model/
# Empty, and owned by who runs: what a volume that is mounted here begins with.
COPY --chown=${USER}:${USER} data/ ${DATA}/

ENV NODE_ENV=production
USER ${USER}:${USER}
WORKDIR ${DATA}
VOLUME ["${DATA}"]
EXPOSE ${PORTS.http} ${PORTS.grpc}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "/app/health.js"]
ENTRYPOINT ["node", "/app/node_modules/trueline/dist/platform/cli/main.js"]
CMD ["up", "--bundle", "/model/bundle.json", "--directory", "${DATA}", "--host", "0.0.0.0", "--port", "${PORTS.http}", "--grpc-port", "${PORTS.grpc}", "--hosts", "*"]
`
}

/** What the health check runs: an image has no other program than node. */
export function healthScript(): string {
  return `// Says by its exit code whether the platform in this container lives.
fetch('http://127.0.0.1:${PORTS.http}/health/live', { signal: AbortSignal.timeout(2500) }).then(
  (answer) => process.exit(answer.ok ? 0 : 1),
  () => process.exit(1),
)
`
}
