import type { Api } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import type { Running } from './running.ts'
import { activeRun, type Store } from './store.ts'
import type { Tell } from './tell.ts'

export type NodeActions = ReturnType<typeof createNodeActions>

/** What can be done with one node and its result. */
export function createNodeActions(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  running: Running
  tell: Tell
}) {
  const { store, api, canvas, running, tell } = parts
  const released = new Set<string>()

  return {
    /** Runs a node with what it needs and shows it where it ends; forced, whatever is remembered of the node itself. */
    runNode(nodeId: string, how: { isForced: boolean }): Promise<boolean> {
      const targets = canvas.outputsAfter(nodeId)
      if (targets.length === 0) {
        tell.warn(t('node.noOutput'))
        return Promise.resolve(false)
      }
      return running.queue({ targets, ...(how.isForced && { force: [nodeId] }) })
    },
    async stopNode(nodeId: string): Promise<void> {
      const run = activeRun(store)
      if (!run) return
      try {
        // Said first: the end may be here before the answer.
        tell.say(t('node.stopping'))
        if (!(await api.stopNode(run.promptId, nodeId))) tell.say(t('node.overAlready'))
      } catch (error) {
        tell.complain(error)
      }
    },
    /** Keeps the result of the last run for good: the node is not run again until it is let go. */
    async freezeNode(nodeId: string): Promise<void> {
      const run = activeRun(store)
      if (!run) return
      try {
        canvas.setFrozen(nodeId, await api.freeze(run.promptId, nodeId))
        tell.say(t('node.frozen'))
      } catch (error) {
        tell.complain(error)
      }
    },
    unfreezeNode(nodeId: string): void {
      const pin = canvas.node(nodeId)?.frozen
      if (pin === undefined) return
      released.add(pin)
      canvas.setFrozen(nodeId, undefined)
      tell.say(t('node.thawed'))
    },
    /** Lets results go that were unfrozen and that nothing open refers to any more: until then undo could want them back. */
    async releasePins(): Promise<void> {
      const open = store.documents.value.map(({ history }) => history.present).join('\n')
      for (const pin of released) {
        if (open.includes(pin)) continue
        released.delete(pin)
        // Gone already, or gone with the server: nothing is left to do.
        await api.unfreeze(pin).catch(() => {})
      }
    },
    /** Whether the last run has a result of this node that can be kept; of a frozen one, a newer. */
    canFreeze(nodeId: string): boolean {
      const state = activeRun(store)?.nodes[nodeId]?.state
      return state === 'done' || (state === 'cached' && canvas.node(nodeId)?.frozen === undefined)
    },
    isRunning: (nodeId: string): boolean => activeRun(store)?.nodes[nodeId]?.state === 'running',
  }
}
