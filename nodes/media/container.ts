import type { CodecContext, Frame } from 'node-av'
import type { Engine } from './engine.ts'
import { check } from './libav.ts'

/** A file being written: first its streams, then their packets. */
export type Container = AsyncDisposable & {
  /** The format keeps its codecs' headers in its own: encoders must be told before they open. */
  readonly wantsGlobalHeader: boolean
  /** Adds a stream for an open encoder, before `start`; gives its number. */
  addStream(encoder: CodecContext): number
  start(): Promise<void>
  /** Encodes a frame (null after the last) into a stream. */
  write(stream: number, frame: Frame | null): Promise<void>
  finish(): Promise<void>
}

/** Opens a file for writing. `format` is FFmpeg's name of a muxer, `tags` become metadata, `options` are the muxer's own. */
export function createContainer(
  { av }: Engine,
  path: string,
  format: string,
  wish: { tags: Readonly<Record<string, string>>; options: Readonly<Record<string, string>> },
): Container {
  const file = new av.FormatContext()
  check(av, file.allocOutputContext2(null, format, path))
  const encoders: CodecContext[] = []
  let isOpen = false
  // Streams are encoded side by side; the file takes one packet at a time.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<number>): Promise<number> => {
    const next = turn.then(async () => check(av, await work()))
    turn = next.catch(() => {})
    return next
  }

  return {
    wantsGlobalHeader: file.oformat?.hasFlags(av.AVFMT_GLOBALHEADER) ?? false,

    addStream(encoder) {
      const stream = file.newStream(null)
      check(av, stream.codecpar.fromContext(encoder))
      stream.timeBase = encoder.timeBase
      if (encoder.framerate.num > 0) stream.avgFrameRate = encoder.framerate
      return encoders.push(encoder) - 1
    },

    async start() {
      file.metadata = av.Dictionary.fromObject({ ...wish.tags })
      check(av, await file.openOutput())
      isOpen = true
      check(av, await file.writeHeader(av.Dictionary.fromObject({ ...wish.options })))
    },

    async write(index, frame) {
      const encoder = encoders[index]
      const stream = file.streams[index]
      if (!encoder || !stream) throw new Error(`the file has no stream ${index}`)
      check(av, await encoder.sendFrame(frame))
      const packet = new av.Packet()
      packet.alloc()
      try {
        for (;;) {
          const code = await encoder.receivePacket(packet)
          if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
          check(av, code)
          packet.rescaleTs(encoder.timeBase, stream.timeBase)
          packet.streamIndex = index
          await inTurn(() => file.interleavedWriteFrame(packet))
        }
      } finally {
        packet.free()
      }
    },

    async finish() {
      await inTurn(() => file.writeTrailer())
    },

    async [Symbol.asyncDispose]() {
      await turn
      for (const encoder of encoders) encoder.freeContext()
      if (isOpen) await file.closeOutput()
      file.freeContext()
    },
  }
}
