// The messages of inference.GRPCInferenceService, as far as the checks need them:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto and, for the extensions,
// https://github.com/triton-inference-server/common/blob/main/protobuf/grpc_service.proto
import type { Schema } from './wire.ts'

const string = (field: number) => ({ field, kind: 'string' }) as const
const strings = (field: number) => ({ field, kind: 'string', many: true }) as const
const bool = (field: number) => ({ field, kind: 'bool' }) as const
const many = (field: number, kind: Schema) => ({ field, kind, many: true }) as const

const parameter = {
  key: string(1),
  value: { field: 2, kind: { bool_param: bool(1), int64_param: { field: 2, kind: 'int64' }, string_param: string(3) } },
} as const satisfies Schema
const contents = {
  bool_contents: { field: 1, kind: 'bool', many: true },
  int_contents: { field: 2, kind: 'int32', many: true },
  int64_contents: { field: 3, kind: 'int64', many: true },
  uint_contents: { field: 4, kind: 'uint32', many: true },
  uint64_contents: { field: 5, kind: 'uint64', many: true },
  fp32_contents: { field: 6, kind: 'float', many: true },
  fp64_contents: { field: 7, kind: 'double', many: true },
  bytes_contents: { field: 8, kind: 'bytes', many: true },
} as const satisfies Schema
const tensor = {
  name: string(1),
  datatype: string(2),
  shape: { field: 3, kind: 'int64', many: true },
  parameters: many(4, parameter),
  contents: { field: 5, kind: contents },
} as const satisfies Schema
const spec = { name: string(1), datatype: string(2), shape: { field: 3, kind: 'int64', many: true } } as const
const named = { name: string(1), version: string(2) } as const
const inferRequest = {
  model_name: string(1),
  model_version: string(2),
  id: string(3),
  parameters: many(4, parameter),
  inputs: many(5, tensor),
  outputs: many(6, { name: string(1), parameters: many(2, parameter) }),
  raw_input_contents: { field: 7, kind: 'bytes', many: true },
} as const satisfies Schema
const inferResponse = {
  model_name: string(1),
  model_version: string(2),
  id: string(3),
  parameters: many(4, parameter),
  outputs: many(5, tensor),
  raw_output_contents: { field: 6, kind: 'bytes', many: true },
} as const satisfies Schema
const duration = { count: { field: 1, kind: 'uint64' }, ns: { field: 2, kind: 'uint64' } } as const

/** Request and response of each method. */
export const methods = {
  ServerLive: [{}, { live: bool(1) }],
  ServerReady: [{}, { ready: bool(1) }],
  ServerMetadata: [{}, { name: string(1), version: string(2), extensions: strings(3) }],
  ModelReady: [named, { ready: bool(1) }],
  ModelMetadata: [
    named,
    { name: string(1), versions: strings(2), platform: string(3), inputs: many(4, spec), outputs: many(5, spec) },
  ],
  ModelInfer: [inferRequest, inferResponse],
  ModelStreamInfer: [inferRequest, { error_message: string(1), infer_response: { field: 2, kind: inferResponse } }],
  ModelStatistics: [
    named,
    {
      model_stats: many(1, {
        name: string(1),
        version: string(2),
        inference_count: { field: 4, kind: 'uint64' },
        inference_stats: {
          field: 6,
          kind: { success: { field: 1, kind: duration }, fail: { field: 2, kind: duration } },
        },
      }),
    },
  ],
  RepositoryIndex: [
    { repository_name: string(1), ready: bool(2) },
    { models: many(1, { name: string(1), version: string(2), state: string(3), reason: string(4) }) },
  ],
  RepositoryModelLoad: [{ repository_name: string(1), model_name: string(2) }, {}],
  RepositoryModelUnload: [{ repository_name: string(1), model_name: string(2) }, {}],
} as const satisfies Readonly<Record<string, readonly [request: Schema, response: Schema]>>

export type Method = keyof typeof methods
