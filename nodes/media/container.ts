import type { CodecContext, FormatContext, Frame, Packet } from 'node-av'
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

/**
 * Opens a file for writing. `format` is FFmpeg's name of a muxer, `tags` become metadata, `options` are the muxer's own. `firstOnly` is a
 * second file of the same format that gets the first stream alone.
 */
export function createContainer(
  { av }: Engine,
  path: string,
  format: string,
  wish: {
    tags: Readonly<Record<string, string>>
    options: Readonly<Record<string, string>>
    firstOnly?: string | undefined
  },
): Container {
  const files = [path, ...(wish.firstOnly === undefined ? [] : [wish.firstOnly])].map(name => {
    const file = new av.FormatContext()
    check(av, file.allocOutputContext2(null, format, name))
    return { file, isOpen: false }
  })
  const encoders: CodecContext[] = []
  // Streams are encoded side by side; a file takes one packet at a time.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<number>): Promise<number> => {
    const next = turn.then(async () => check(av, await work()))
    turn = next.catch(() => {})
    return next
  }

  const isSoundOf = (encoder: CodecContext) => encoder.codecType === av.AVMEDIA_TYPE_AUDIO

  async function put(file: FormatContext, packet: Packet, encoder: CodecContext, index: number) {
    const isSound = isSoundOf(encoder)
    const stream = file.streams[index]
    const copy = stream && packet.clone()
    if (!copy) return
    try {
      copy.rescaleTs(encoder.timeBase, stream.timeBase)
      copy.streamIndex = index
      if (encoders.length === 1 && isSound) check(av, file.interleavedWriteFrameSync(copy))
      else await inTurn(() => file.interleavedWriteFrame(copy))
    } finally {
      copy.free()
    }
  }

  return {
    wantsGlobalHeader: files[0]?.file.oformat?.hasFlags(av.AVFMT_GLOBALHEADER) ?? false,

    addStream(encoder) {
      const isFirst = encoders.length === 0
      for (const { file } of isFirst ? files : files.slice(0, 1)) {
        const stream = file.newStream(null)
        check(av, stream.codecpar.fromContext(encoder))
        stream.timeBase = encoder.timeBase
        if (encoder.framerate.num > 0) stream.avgFrameRate = encoder.framerate
      }
      return encoders.push(encoder) - 1
    },

    async start() {
      for (const entry of files) {
        entry.file.metadata = av.Dictionary.fromObject({ ...wish.tags })
        check(av, await entry.file.openOutput())
        entry.isOpen = true
        check(av, await entry.file.writeHeader(av.Dictionary.fromObject({ ...wish.options })))
      }
    },

    async write(index, frame) {
      const encoder = encoders[index]
      if (!encoder) throw new Error(`the file has no stream ${index}`)
      // Sound is encoded at once: a change of threads takes longer than the work.
      const isSound = isSoundOf(encoder)
      check(av, isSound ? encoder.sendFrameSync(frame) : await encoder.sendFrame(frame))
      const packet = new av.Packet()
      packet.alloc()
      try {
        for (;;) {
          const code = isSound ? encoder.receivePacketSync(packet) : await encoder.receivePacket(packet)
          if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
          check(av, code)
          for (const { file } of files) await put(file, packet, encoder, index)
          packet.unref()
        }
      } finally {
        packet.free()
      }
    },

    async finish() {
      for (const { file } of files) await inTurn(() => file.writeTrailer())
    },

    async [Symbol.asyncDispose]() {
      await turn
      for (const encoder of encoders) encoder.freeContext()
      for (const { file, isOpen } of files) {
        if (isOpen) await file.closeOutput()
        file.freeContext()
      }
    },
  }
}
