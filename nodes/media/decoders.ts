import type { AudioCodec, EncodedPacket, VideoCodec } from 'mediabunny'
import type { AVCodecID, CodecContext, Frame, Packet } from 'node-av'

type Libraries = {
  readonly bunny: typeof import('mediabunny')
  readonly server: typeof import('@mediabunny/server')
  readonly av: typeof import('node-av')
}

/**
 * mediabunny gives a decoder no further packets before a sample comes out. For a packet that is damaged the last good sample is given
 * again, which wakes it and is as good as what is lost; so many may be lost before there is a first one.
 */
const maxLost = 32

/**
 * How many frames lie ready for a reader. mediabunny hands a decoder 40 packets at a time and does not wait for what comes of them: at 1080p
 * that is 125 MB while an encoder is slower than the decoder.
 */
const maxReady = 4

/** Each thread holds frames of its own, and what follows (colours, an encoder) is slower than two threads are. */
const maxThreads = 2

/**
 * Decoders for mediabunny over FFmpeg's, in place of those of @mediabunny/server: a packet that is damaged is left out, as players do. There
 * it ends the whole process, because the error that follows on closing is nobody's.
 */
export function registerDecoders({ bunny, server, av }: Libraries): void {
  const videoCodecs: Partial<Record<VideoCodec, AVCodecID>> = {
    avc: av.AV_CODEC_ID_H264,
    hevc: av.AV_CODEC_ID_HEVC,
    vp8: av.AV_CODEC_ID_VP8,
    vp9: av.AV_CODEC_ID_VP9,
    av1: av.AV_CODEC_ID_AV1,
    prores: av.AV_CODEC_ID_PRORES,
  }
  const audioCodecs: Partial<Record<AudioCodec, AVCodecID>> = {
    aac: av.AV_CODEC_ID_AAC,
    opus: av.AV_CODEC_ID_OPUS,
    mp3: av.AV_CODEC_ID_MP3,
    vorbis: av.AV_CODEC_ID_VORBIS,
    flac: av.AV_CODEC_ID_FLAC,
    ac3: av.AV_CODEC_ID_AC3,
    eac3: av.AV_CODEC_ID_EAC3,
    dts: av.AV_CODEC_ID_DTS,
  }

  /** Gives an open decoder, or undefined when FFmpeg does not take the stream as it is described. */
  async function open(
    codecId: AVCodecID | undefined,
    set: (context: CodecContext) => void,
    options: { name?: string; strict?: boolean } = {},
  ): Promise<CodecContext | undefined> {
    const named = options.name && av.Codec.findDecoderByName(options.name as never)
    const codec = named || (codecId === undefined ? null : av.Codec.findDecoder(codecId))
    if (!codec) return undefined
    const context = new av.CodecContext()
    context.allocContext3(codec)
    set(context)
    // Frames are put in order even where a stream does not say how far it mixes them.
    const dictionary = options.strict
      ? av.Dictionary.fromObject({ strict: String(av.FF_COMPLIANCE_STRICT) })
      : null
    if ((await context.open2(codec, dictionary)) >= 0) return context
    context.freeContext()
    return undefined
  }

  const described = (description: AllowSharedBufferSource | undefined): Buffer | null => {
    if (description === undefined) return null
    return ArrayBuffer.isView(description)
      ? Buffer.from(new Uint8Array(description.buffer, description.byteOffset, description.byteLength))
      : Buffer.from(new Uint8Array(description))
  }

  /** A packet of a stream whose times are counted in `ticks` a second. */
  function fill(packet: Packet, source: EncodedPacket, ticks: number): void {
    packet.isKeyframe = source.type === 'key'
    packet.data = Buffer.from(source.data)
    packet.timeBase = { num: 1, den: ticks }
    packet.pts = BigInt(Math.round(source.timestamp * ticks))
    packet.dts = av.AV_NOPTS_VALUE
    packet.duration = BigInt(Math.round(source.duration * ticks))
  }

  /** A frame that tells when its reader is done with it. */
  class ReadyFrame extends server.AvFrameVideoSampleResource {
    private readonly whenClosed: () => void
    constructor(frame: Frame, whenClosed: () => void) {
      super(frame)
      this.whenClosed = whenClosed
    }
    override close(): void {
      super.close()
      this.whenClosed()
    }
  }

  bunny.registerDecoder(
    class extends bunny.CustomVideoDecoder {
      static override supports = (codec: VideoCodec) => videoCodecs[codec] !== undefined
      private context: CodecContext | undefined
      private isOpened = false
      private readonly packet = new av.Packet()
      private readonly frame = new av.Frame()
      /** Exact times of the packets that are in the decoder, by the rounded ones that go through it. */
      private readonly times = new Map<bigint, { timestamp: number; duration: number }>()

      init(): void {
        this.packet.alloc()
        this.frame.alloc()
      }

      async decode(source: EncodedPacket): Promise<void> {
        if (!this.isOpened) {
          this.isOpened = true
          const { codedWidth = 0, codedHeight = 0, displayAspectWidth, displayAspectHeight } = this.config
          this.context = await open(
            videoCodecs[this.codec],
            context => {
              context.width = codedWidth
              context.height = codedHeight
              context.extraData = described(this.config.description)
              context.threadCount = Math.min(navigator.hardwareConcurrency, maxThreads)
            },
            {
              strict: true,
              // FFmpeg's own VP9 decoder drops the alpha that lies beside a packet.
              ...(this.codec === 'vp9' && source.sideData.alpha && { name: 'libvpx-vp9' }),
            },
          )
          this.ratio = new av.Rational(
            (displayAspectWidth ?? codedWidth) * codedHeight || 1,
            (displayAspectHeight ?? codedHeight) * codedWidth || 1,
          )
        }
        if (!this.context) return this.onError(new Error('there is no decoder for it'))
        fill(this.packet, source, 1e6)
        if (source.sideData.alpha) {
          const beside = Buffer.alloc(8 + source.sideData.alpha.length)
          beside[7] = 1
          beside.set(source.sideData.alpha, 8)
          this.packet.addSideData(av.AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, beside)
        }
        this.times.set(this.packet.pts, source)
        const [oldest] = this.times.keys()
        if (this.times.size > 256 && oldest !== undefined) this.times.delete(oldest)
        const code = await this.context.sendPacket(this.packet)
        this.packet.unref()
        if (code < 0) await this.lose()
        await this.receive()
      }

      private ratio = new av.Rational(1, 1)
      private lost = 0
      private last: Frame | undefined

      private async lose(): Promise<void> {
        if (this.last) await this.give(this.last)
        else if (++this.lost > maxLost) this.onError(new Error('nothing of it can be decoded'))
      }

      private async receive(): Promise<void> {
        // A damaged frame is an error of its own, with good ones behind it.
        for (let failed = 0; this.context && failed < maxLost; ) {
          const code = await this.context.receiveFrame(this.frame)
          if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
          if (code < 0) {
            failed++
            await this.lose()
          } else {
            this.frame.sampleAspectRatio = this.ratio
            this.last?.free()
            this.last = this.frame.clone() ?? undefined
            if (this.last) await this.give(this.last)
          }
        }
      }

      private ready = 0
      private onRoom: (() => void) | undefined

      /** Waits while the reader has enough; a reader that goes closes what it has. */
      private async give(frame: Frame): Promise<void> {
        while (this.ready >= maxReady) {
          const { promise, resolve } = Promise.withResolvers<void>()
          this.onRoom = resolve
          await promise
        }
        const clone = frame.clone()
        if (!clone) return
        const exact = this.times.get(frame.pts)
        const timestamp = exact?.timestamp ?? Number(frame.pts) / 1e6
        const duration = exact?.duration ?? Number(frame.duration) / 1e6
        const resource = new ReadyFrame(clone, () => {
          this.ready--
          this.onRoom?.()
        })
        this.ready++
        this.onSample(new bunny.VideoSample(resource, { timestamp, duration }))
      }

      async flush(): Promise<void> {
        await this.context?.sendPacket(null)
        await this.receive()
        this.context?.flushBuffers()
      }

      close(): void {
        this.last?.free()
        this.context?.freeContext()
        this.packet.free()
        this.frame.free()
      }
    },
  )

  bunny.registerDecoder(
    class extends bunny.CustomAudioDecoder {
      static override supports = (codec: AudioCodec) => audioCodecs[codec] !== undefined
      private context: CodecContext | undefined
      private readonly packet = new av.Packet()
      private readonly frame = new av.Frame()

      async init(): Promise<void> {
        this.packet.alloc()
        this.frame.alloc()
        const { sampleRate, numberOfChannels, description } = this.config
        this.context = await open(audioCodecs[this.codec], context => {
          context.sampleRate = sampleRate
          context.channels = numberOfChannels
          context.timeBase = new av.Rational(1, sampleRate)
          context.extraData = described(description)
        })
      }

      // At once: a change of threads takes longer than the work on some milliseconds of sound.
      decode(source: EncodedPacket): void {
        fill(this.packet, source, this.config.sampleRate)
        const code = this.context?.sendPacketSync(this.packet) ?? -1
        this.packet.unref()
        if (code < 0) this.lose()
        this.receive()
      }

      private lost = 0
      private last: Frame | undefined

      private lose(): void {
        if (this.last) this.give(this.last)
        else if (++this.lost > maxLost) this.onError(new Error('nothing of it can be decoded'))
      }

      private receive(): void {
        for (let failed = 0; this.context && failed < maxLost; ) {
          const code = this.context.receiveFrameSync(this.frame)
          if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
          if (code < 0) {
            failed++
            this.lose()
          } else {
            this.frame.timeBase = new av.Rational(1, this.config.sampleRate)
            this.last?.free()
            this.last = this.frame.clone() ?? undefined
            if (this.last) this.give(this.last)
          }
        }
      }

      private give(frame: Frame): void {
        const clone = frame.clone()
        if (clone) this.onSample(new bunny.AudioSample(new server.AvFrameAudioSampleResource(clone)))
      }

      flush(): void {
        this.context?.sendPacketSync(null)
        this.receive()
        this.context?.flushBuffers()
      }

      close(): void {
        this.last?.free()
        this.context?.freeContext()
        this.packet.free()
        this.frame.free()
      }
    },
  )
}
