import process from 'node:process'

/**
 * What is used of node's `http`. To import it, node would read each of its members, one of which loads all that stands behind
 * `fetch`, and every command would wait for that.
 */
export const { Agent, createServer, request, STATUS_CODES } = process.getBuiltinModule('node:http')
