import type { CloudJob } from '../../nodes/context.ts'
import type { NodeInfo } from '../../nodes/values.ts'
import { type CreateRequest, readInlineGraph } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'

/** What goes onto the wire for a job. Throws before anything is sent: `bad-target-id`, `bad-inline-workflow`, `bad-node-info`. */
export function toRequest(job: CloudJob): CreateRequest {
  const { settings: _, timeoutMs: __, concurrency: ___, part: ____, ...what } = job
  if (what.kind === 'model') return { kind: 'model', targetId: what.endpoint, body: what.body }
  const targetId = targetOf(job)
  switch (what.kind) {
    case 'workflow': {
      const { workflow = '', nodeInfoList, ...rest } = what
      if (workflow.trim() === '') return { ...rest, targetId, nodeInfoList }
      return { ...rest, targetId, nodeInfoList: [], graph: readInlineGraph(workflow, nodeInfoList) }
    }
    case 'app':
      return { ...what, targetId }
    case 'quick':
      return { ...what, targetId, nodeInfoList: what.nodeInfoList.map(described) }
  }
}

/** Quick create wants every item with the words of its form (RunningHub: quick create). */
function described(info: NodeInfo) {
  return { nodeName: '', fieldType: 'STRING', description: '', ...info }
}

function targetOf(job: CloudJob): string {
  const wrong = targetProblem(job.kind, job.settings.targetId)
  if (wrong) throw wrong
  return job.settings.targetId.trim()
}

/** What is wrong with an id as it was written, known before anybody is asked: `bad-target-id`. */
export function targetProblem(kind: CloudJob['kind'], written: string): BridgeError | undefined {
  const targetId = written.trim()
  if (/^\d{1,20}$/.test(targetId)) return undefined
  const what = kind === 'workflow' ? 'workflow' : 'AI app'
  return new BridgeError(
    targetId === ''
      ? `RH Settings names no ${what}.`
      : `"${targetId}" is no ${what} id: ids are digits only.`,
    {
      code: 'bad-target-id',
      hint: 'Put the number from the address of its RunningHub page into workflowId_webappId of RH Settings.',
    },
  )
}
