import { defineNode, int } from '../define-node.ts'

/** Seed nodes of the packs, which feed RH nodes in real files. */
const largest = 1125899906842624

/** widgets_values: `[seed, control, null]`. */
const easySeed = defineNode({
  type: 'easy seed',
  displayName: 'EasySeed',
  category: 'EasyUse/Seed',
  module: 'custom_nodes.ComfyUI-Easy-Use',
  inputs: { seed: int({ min: 0, max: largest }) },
  outputs: { seed: 'INT' },
  execute: async ({ inputs }) => ({ seed: inputs.seed }),
})

/**
 * -1 means a new seed each time. Its own page in ComfyUI makes -2 and -3 the last seed plus and minus one before it queues; who has no last
 * seed, a server or another client, draws a new one for them, too.
 */
const rgthreeSeed = defineNode({
  type: 'Seed (rgthree)',
  displayName: 'Seed (rgthree)',
  category: 'rgthree',
  module: 'custom_nodes.rgthree-comfy',
  description: '-1 draws a new seed for each run.',
  inputs: { seed: int({ min: -largest, max: largest, control_after_generate: false }) },
  outputs: { SEED: 'INT' },
  fingerprint: async ({ inputs, work }) => (isDrawn(inputs.seed) ? `${work.runId} ${work.nodeId}` : ''),
  execute: async ({ inputs, work, nodeId }) => ({
    SEED: isDrawn(inputs.seed) ? drawSeed(`${work.runId} ${nodeId} ${work.call}`) : inputs.seed,
  }),
})

function isDrawn(seed: unknown): boolean {
  return [-1, -2, -3].includes(Number(seed))
}

/**
 * As good as random, as run ids are, and the same again when a run goes on after a crash: another seed would pay for its tasks twice.
 * FNV-1a over the text, of 64 bits.
 */
function drawSeed(text: string): number {
  let hash = 0xcbf29ce484222325n
  for (let at = 0; at < text.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n)
  }
  return 1 + Number(hash % BigInt(largest))
}

export const seedNodes = [easySeed, rgthreeSeed]
