import type { Input } from 'mediabunny'
import type { Asset } from '../values.ts'
import { registerDecoders } from './decoders.ts'

/** The libraries behind video and audio. Loaded when first needed: they cost 0.2 s and 70 MB. */
export type Engine = Awaited<ReturnType<typeof load>>

let loading: ReturnType<typeof load> | undefined

export function engine(): Promise<Engine> {
  loading ??= load()
  return loading
}

async function load() {
  const [bunny, server, av] = await Promise.all([
    import('mediabunny'),
    import('@mediabunny/server'),
    import('node-av'),
  ])
  // SVT-AV1 has a log of its own, on the terminal too; 1 is errors only.
  process.env.SVT_LOG ??= '1'
  // The first that knows a codec decodes it.
  registerDecoders({ bunny, server, av })
  // Without this it looks for graphics cards, which print what they think on file descriptor 2.
  server.registerMediabunnyServer({ hardwareContext: null })
  // Both complain on the terminal about files that are damaged; the node says it in one sentence.
  bunny.Logging.level = bunny.LogLevel.Silent
  av.Log.setLevel(av.AV_LOG_QUIET)
  return { bunny, av, toAvFrame: server.toAvFrame, AvFrame: server.AvFrameVideoSampleResource }
}

/** Opens a video or audio file; to be closed with `using`. Nothing is read yet. */
export async function openMedia(
  asset: Asset,
): Promise<Disposable & { readonly input: Input; readonly engine: Engine }> {
  const loaded = await engine()
  const input = new loaded.bunny.Input({
    source: new loaded.bunny.FilePathSource(asset.path, {
      // What is read ahead may fail after the reader has gone; whoever needs it meets the error again.
      handleUnhandledError: () => {},
    }),
    formats: loaded.bunny.ALL_FORMATS,
  })
  return { input, engine: loaded, [Symbol.dispose]: () => input.dispose() }
}
