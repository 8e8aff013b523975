import type { Handler } from '../call.ts'
import { readFaultRules } from '../faults.ts'
import { plain } from '../reply.ts'
import { publicTask } from '../tasks/task.ts'

/** The sandbox's own calls, which RunningHub does not have. */
export const health: Handler = (_call, house) =>
  plain({
    sandbox: true,
    url: house.url(),
    uptimeMs: house.timers.now() - house.startedAt,
    tasks: house.engine.all().length,
  })

/** What happened so far; keys are reduced to their last four characters. */
export const showLog: Handler = (_call, house) => {
  const tasks = house.engine.all().map(publicTask)
  const createsPerKey: Record<string, number> = {}
  for (const { keyLastFour } of tasks) createsPerKey[keyLastFour] = (createsPerKey[keyLastFour] ?? 0) + 1
  return plain({ requests: house.log.masked(), tasks, createsPerKey, violations: house.log.violations() })
}

export const listFaults: Handler = (_call, house) => plain({ faults: house.faults.list() })

export const addFaults: Handler = (call, house) => {
  const rules = readFaultRules(Array.isArray(call.body.faults) ? call.body.faults : call.body)
  if (typeof rules === 'string') return plain({ error: rules }, 400)
  house.faults.add(rules)
  return plain({ faults: house.faults.list() })
}

export const clearFaults: Handler = (_call, house) => {
  house.faults.clear()
  return plain({ faults: [] })
}
