import { stringify } from 'yaml'
import { type ContainerSettings, DATA, PORTS, SECONDS_TO_STOP, USER } from './container-settings.ts'

/** A compose file that builds and runs the image as it is run in production: not as root, on a root that is read-only. */
export function composeOf({ name, image, base }: ContainerSettings): string {
  return stringify({
    services: {
      [name]: {
        // Without a default of ours: an image is built on a base that somebody has looked at.
        build:
          base === undefined
            ? {
                context: '.',
                args: { BASE: `\${BASE:?an image by digest, such as node:24-bookworm-slim@sha256:...}` },
              }
            : { context: '.' },
        image,
        user: `${USER}:${USER}`,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        tmpfs: ['/tmp'],
        volumes: [`${name}-data:${DATA}`],
        ports: [`127.0.0.1:${PORTS.http}:${PORTS.http}`, `127.0.0.1:${PORTS.grpc}:${PORTS.grpc}`],
        stop_grace_period: `${SECONDS_TO_STOP}s`,
        restart: 'unless-stopped',
      },
    },
    volumes: { [`${name}-data`]: {} },
  })
}
