import { Duplex } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'

/** One end of a connection that never leaves the process; enough of a net.Socket for undici, node:http and ws. */
export type End = Duplex & { resetAndDestroy(): void }

/** What a real network would call it. */
const broken = (code: string) => Object.assign(new Error(code), { code })

type Peer = { end: End; isOver: boolean; isDeaf: boolean; whenRead: (() => void) | undefined }

/** Two ends: what is written to one is read at the other, its end and its reset too. `onTraffic` hears of every step. */
function connect(onTraffic: () => void): { near: Peer; far: Peer } {
  const near = {} as Peer
  const far = {} as Peer
  Object.assign(near, openEnd(near, far, onTraffic))
  Object.assign(far, openEnd(far, near, onTraffic))
  return { near, far }
}

function give(to: Peer, chunk: Buffer | null): boolean {
  if (to.isOver || to.isDeaf || to.end.destroyed) return true
  to.isOver = chunk === null
  return to.end.push(chunk)
}

function openEnd(me: Peer, other: Peer, onTraffic: () => void): Peer {
  let isReset = false
  const duplex = new Duplex({
    allowHalfOpen: true,
    read() {
      const go = me.whenRead
      me.whenRead = undefined
      go?.()
    },
    write(chunk: Buffer, _encoding, done) {
      onTraffic()
      if (other.end.destroyed) done(broken('EPIPE'))
      else if (give(other, chunk)) done()
      else other.whenRead = done
    },
    final(done) {
      onTraffic()
      give(other, null)
      done()
    },
    destroy(error, done) {
      onTraffic()
      // On a network this too is news that travels.
      process.nextTick(() => {
        if (isReset && !other.isDeaf) other.end.destroy(broken('ECONNRESET'))
        else give(other, null)
      })
      done(error)
    },
  })
  const same = () => duplex
  const end: End = Object.assign(duplex, {
    ...{ setTimeout: same, setNoDelay: same, setKeepAlive: same, ref: same, unref: same },
    resetAndDestroy() {
      isReset = true
      duplex.destroy()
    },
  })
  return { end, isOver: false, isDeaf: false, whenRead: undefined }
}

/**
 * A network inside the process: every connection goes to `accept`. `freeze()` is what a killed process looks like: the other end sees its
 * connections end, this one hears nothing any more, ever.
 */
export function createMemoryNetwork(accept: (end: End) => void, onTraffic: () => void) {
  let isFrozen = false
  const open = new Set<{ near: Peer; far: Peer }>()
  const dispatcher: Dispatcher = new Agent({
    keepAliveTimeout: 30_000,
    connect: (_options, callback) => {
      if (isFrozen) return
      const pair = connect(onTraffic)
      open.add(pair)
      pair.far.end.once('close', () => open.delete(pair))
      accept(pair.far.end)
      // undici does not expect its answer before it has asked.
      process.nextTick(() => callback(null, pair.near.end as never))
    },
  })
  return {
    dispatcher,
    freeze(): void {
      isFrozen = true
      for (const { near, far } of open) {
        near.isDeaf = true
        give(far, null)
      }
    },
  }
}
