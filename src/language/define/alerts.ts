import type { AlertsDefinition } from './definitions.ts'
import { withHidden } from './mentions.ts'

/**
 * Where alerts go besides the log; a project has at most one such definition.
 * @example alerts({ webhook: 'https://hooks.example.com/T0/B1' })
 */
export function alerts(options: { readonly webhook: string }): AlertsDefinition {
  return withHidden({ kind: 'alerts', webhook: options.webhook } as const, [], {})
}
