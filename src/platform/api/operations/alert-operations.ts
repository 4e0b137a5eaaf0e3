import { Type } from 'typebox'
import { as, limit, model, offset, pageCursor, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const alertOperations = {
  objectives: operation({
    method: 'GET',
    path: '/api/v1/objectives',
    summary: 'What models promise (serve.slo), the error budget that is left, and how fast it is spent',
    input: Type.Object({ model: Type.Optional(model) }),
    run: (platform, input) => platform.objectives(input.model),
  }),
  alerts: operation({
    method: 'GET',
    path: '/api/v1/alerts',
    summary: 'Alerts, those that were opened last first',
    input: Type.Object({
      open: Type.Optional(Type.Boolean({ description: 'The same as the state open' })),
      state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('resolved')])),
      model: Type.Optional(
        Type.String({ description: 'What they are about: a model, or such as stream/NAME and source/NAME' }),
      ),
      ...{ from: time, to: time, limit, offset, cursor: pageCursor },
    }),
    run: (platform, input) => platform.alerts(input),
  }),
  alert: operation({
    method: 'GET',
    path: '/api/v1/alerts/{alert}',
    summary: 'One alert: what it rests on, how large the effect is, since when, and who looks after it',
    input: Type.Object({ alert: Type.String() }),
    run: (platform, input) => platform.alert(input.alert),
  }),
  acknowledge: operation({
    method: 'POST',
    path: '/api/v1/alerts/{alert}/acknowledge',
    summary: 'Says that somebody looks after an alert',
    input: Type.Object({ alert: Type.String(), as }),
    run: (platform, input) => platform.acknowledge(input.alert, { name: input.as }),
  }),
  testAlert: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/test-alert',
    summary: 'Sends an alert that says that it is a test, and waits until the receiver took it',
    input: Type.Object({ model, as }),
    run: (platform, input) => platform.testAlert(input.model, { name: input.as }),
  }),
} satisfies Record<string, Operation>
