import { hash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Asset } from '../nodes/values.ts'
import { type AssetStore, holdFiles, putBack } from './assets/index.ts'
import { assetsIn, type NodeResult, type Pinned } from './executor/index.ts'
import type { Clock } from './shared/clock.ts'
import { BridgeError } from './shared/errors.ts'
import type { KeptResults, PinStore, StoredPin } from './storage/index.ts'

export type PinboardOptions = {
  readonly store: PinStore
  readonly cache: Pick<KeptResults, 'byId' | 'idOf'>
  readonly assets: Pick<AssetStore, 'isThere' | 'folders'>
  /** Every pin's files, in a folder of its own. */
  readonly folder: string
  readonly clock: Clock
}

export type Pinboard = ReturnType<typeof createPinboard>

/** Nobody looks after more; a program that freezes in a loop is told. */
const maxPins = 1000
/** A folder without a pin may be of a freeze that is going on. */
const sweepAfterMs = 3600_000

type ToFreeze = {
  readonly runId: string
  readonly nodeId: string
  readonly nodeType: string
  readonly resultId: string
  /** The pin the node had in that run. */
  readonly frozen: string | undefined
}

/** Frozen results: held with copies of all their files until somebody lets them go. */
export function createPinboard({ store, cache, assets, folder, clock }: PinboardOptions) {
  const { isThere } = assets

  function usable(pin: StoredPin | undefined): StoredPin | undefined {
    return pin && outputAssets(pin.result).every(isThere) ? pin : undefined
  }

  async function remove(pin: string): Promise<boolean> {
    const was = store.remove(pin)
    if (was) await rm(join(folder, pin), { recursive: true, force: true }).catch(() => {})
    return was
  }

  async function freeze({
    runId,
    nodeId,
    nodeType,
    resultId,
    frozen,
  }: ToFreeze): Promise<string | undefined> {
    const before = frozen === undefined ? undefined : usable(store.get(frozen))
    if (before?.resultId === resultId) return before.pin
    const known = store.ofNode(runId, nodeId)
    if (usable(known)?.resultId === resultId) return known?.pin
    const kept = cache.byId(resultId)
    if (!kept) return undefined
    if (known) await remove(known.pin)
    if (store.count() >= maxPins) throw tooMany()
    // Not taken for a key by whoever looks for keys in a file.
    const pin = `pin-${randomBytes(8).toString('hex')}`
    const { result } = kept
    const all = assetsIn(result)
    const places = await holdFiles(all, join(folder, pin), assets.folders.results)
    const shown = assetsIn({ outputs: [], ...(result.ui && { ui: result.ui }) })
    store.add({
      ...{ pin, runId, nodeId, nodeType, resultId },
      signature: cache.idOf(kept.signature) === resultId ? kept.signature : ownSignature(resultId),
      result: {
        outputs: moved(result.outputs, places) as NodeResult['outputs'],
        ...(result.ui && { ui: result.ui }),
      },
      held: shown.map(asset => ({ shown: asset, copy: places.get(asset.path) ?? asset.path })),
      bytes: all.reduce((sum, asset) => sum + asset.sizeBytes, 0),
      createdAt: clock.now(),
    })
    return pin
  }
  // One at a time: a node asked for twice is one pin.
  let last: Promise<unknown> = Promise.resolve()

  return {
    /** What a pin gives, or undefined when it or one of its files is gone. */
    find(name: string): Pinned | undefined {
      const pin = usable(store.get(name))
      if (!pin) return undefined
      const { nodeType, result, resultId, signature } = pin
      // Made anew since, the signature stands for the newer result: what was made of that one is not this one's.
      const isStill = (cache.idOf(signature) ?? resultId) === resultId
      return {
        pin: name,
        nodeType,
        result,
        resultId,
        signature: isStill ? signature : ownSignature(resultId),
      }
    },

    /** Holds a node's result of a run. Answers the pin; undefined when the result is no longer kept. Throws `file-lost`, `disk`, `too-many-pins`. */
    freeze(what: ToFreeze): Promise<string | undefined> {
      const turn = last.then(() => freeze(what))
      last = turn.catch(() => {})
      return turn
    },

    /** Puts back what pinned results show and is no longer there. */
    async restore(pinned: Iterable<Pinned>): Promise<void> {
      for (const { pin } of pinned) {
        for (const { shown, copy } of store.get(pin)?.held ?? []) {
          if (!isThere(shown) && isThere({ ...shown, path: copy })) await putBack(copy, shown.path)
        }
      }
    },

    /** Lets a pin go, with its files. Answers whether there was one. */
    remove,

    all: store.all,

    /** Removes folders no pin owns: what a crash in the middle of a freeze left. */
    async sweep(): Promise<void> {
      for (const name of await readdir(folder).catch(() => [])) {
        const madeAt = (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs
        if (madeAt === undefined || clock.now() - madeAt < sweepAfterMs || store.get(name)) continue
        await rm(join(folder, name), { recursive: true, force: true }).catch(() => {})
      }
    },
  }
}

function outputAssets(result: NodeResult): readonly Asset[] {
  return assetsIn({ outputs: result.outputs })
}

function ownSignature(resultId: string): string {
  return hash('sha256', `frozen\0${resultId}`, 'base64url')
}

/** A copy of plain data whose assets lie in their new places. */
function moved(value: unknown, places: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map(item => moved(item, places))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, moved(item, places)])
  const copy = Object.fromEntries(entries) as Record<string, unknown>
  const path = 'sha256' in value && typeof copy.path === 'string' ? places.get(copy.path) : undefined
  return path === undefined ? copy : { ...copy, path }
}

function tooMany(): BridgeError {
  return new BridgeError(`${maxPins} results are frozen already.`, {
    code: 'too-many-pins',
    hint: 'Unfreeze some first; see /bridge/pins.',
  })
}
