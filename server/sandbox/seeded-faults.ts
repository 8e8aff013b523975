import type { FaultRule } from './types.ts'

/** Enough for any run: the rule goes on for as long as the sandbox lives. */
const always = 1_000_000

/**
 * A bad day of the cloud, the same for the same seed of the sandbox: full slots, gateway pages, broken and slow downloads, sockets that drop. With
 * `lostAnswers` now and then a create is carried out and its answer lost, which no client can settle by itself.
 */
export function seededFaults(options: { lostAnswers: boolean }): FaultRule[] {
  const rule = (on: FaultRule['on'], probability: number, action: FaultRule['do']): FaultRule => ({
    on,
    probability,
    times: always,
    do: action,
  })
  const page = {
    kind: 'http',
    status: 502,
    body: '<html>Bad Gateway</html>',
    contentType: 'text/html',
  } as const
  return [
    rule('create', 0.15, { kind: 'code', code: 421, msg: 'TASK_QUEUE_MAXED' }),
    rule('create', 0.05, { kind: 'code', code: 1011, msg: 'System is currently busy, please retry later' }),
    ...(options.lostAnswers ? [rule('create', 0.03, { kind: 'commit-then-reset' })] : []),
    rule('outputs', 0.08, page),
    rule('outputs', 0.05, { kind: 'garbage' }),
    rule('outputs', 0.05, { kind: 'reset' }),
    rule('json', 0.2, page),
    rule('account', 0.1, page),
    rule('upload', 0.1, {
      kind: 'http',
      status: 401,
      body: '{"code":-1,"msg":"ApiKey verification failed"}',
    }),
    rule('file', 0.15, { kind: 'truncate', afterBytes: 4000 }),
    rule('file', 0.1, { kind: 'http', status: 503 }),
    rule('socket', 0.2, { kind: 'reset' }),
  ]
}
