export type FunctionName = string
