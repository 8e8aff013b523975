/**
 * What flows along links. Every value is plain data (it can be written as JSON), media are references to files: an image
 * passes from download to disk to upload without being decoded unless a node needs its pixels.
 */

/** A media file the server holds, with its content's hash. */
export type Asset = {
  /** Absolute path on the server. Nodes hand it to sharp or mediabunny; they never open it themselves. */
  readonly path: string
  /** File name without folder, as a person would read it. */
  readonly name: string
  /** `image/png`, by content where it is known, by name otherwise. */
  readonly mediaType: string
  readonly sizeBytes: number
  /** Hexadecimal SHA-256 of the content. */
  readonly sha256: string
}

/**
 * One picture. `page` counts from 0 in files that hold several: pages of an animated GIF or WEBP, frames of a video (`mediaType` starts
 * with `video/`). An EXIF rotation is applied on decoding. Pixels: nodes/media/pixels.ts.
 */
export type Image = { readonly kind: 'image'; readonly asset: Asset; readonly page?: number }

/** One mask: a channel of a picture, or all zeros. 1 means masked. */
export type Mask =
  | {
      readonly kind: 'mask'
      readonly asset: Asset
      readonly page?: number
      readonly channel: 'alpha' | 'red' | 'green' | 'blue'
      readonly inverted: boolean
    }
  | { readonly kind: 'mask'; readonly blank: { readonly width: number; readonly height: number } }

/** A part of a video or sound, in seconds from the start of the file; absent means from its start, to its end. */
export type Span = { readonly from?: number; readonly to?: number }
/** An animated GIF or WEBP is a video too. */
export type Video = Span & { readonly kind: 'video'; readonly asset: Asset }
/** The asset may be a video: its sound is meant. */
export type Audio = Span & { readonly kind: 'audio'; readonly asset: Asset }
export type Latent = { readonly kind: 'latent'; readonly asset: Asset }

/** A file of any kind, as a task gave it or a person put it; `taskId` where it came from a task. */
export type File = { readonly kind: 'file'; readonly asset: Asset; readonly taskId?: string }

/** A part of a picture, in whole pixels from its upper left corner. */
export type BoundingBox = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What RH_SettingsNode hands on. `apiKey` is a key reference, a placeholder or empty: never a key (the server keeps those). */
export type RunningHubSettings = {
  readonly baseUrl: string
  readonly apiKey: string
  readonly targetId: string
}

/** One entry of nodeInfoList (RunningHub: nodeInfoList items). */
export type NodeInfo = { readonly nodeId: string; readonly fieldName: string; readonly fieldValue: unknown }

/** What RH_Config of ComfyUI_RH_API hands on. */
export type RunningHubConfig = { readonly settings: RunningHubSettings; readonly isApp: boolean }

/** An output that was promised and did not come, with the sentence that says so. A node that needs it fails with that sentence. */
export type Absent = { readonly kind: 'absent'; readonly reason: string }

export function absent(reason: string): Absent {
  return { kind: 'absent', reason }
}

export function isAbsent(value: unknown): value is Absent {
  return typeof value === 'object' && value !== null && (value as Absent).kind === 'absent'
}

/**
 * Stands in a list for an item whose work failed, where the end of a loop leaves such items out. Nodes called for each item never see
 * one.
 */
export type Failed = { readonly kind: 'failed'; readonly reason: string; readonly code: string }

export function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && (value as Failed).kind === 'failed'
}

/** Socket type -> what a value of that type is. `IMAGE` is a batch whose pictures may differ in size. */
export type SocketTypes = {
  IMAGE: readonly Image[]
  MASK: readonly Mask[]
  VIDEO: Video
  AUDIO: Audio
  LATENT: Latent
  STRING: string
  INT: number | bigint
  FLOAT: number
  BOOLEAN: boolean
  STRUCT: RunningHubSettings
  RH_OPENAPI_CONFIG: RunningHubSettings
  ARRAY: readonly NodeInfo[]
  FILE: readonly File[]
  BOUNDING_BOX: BoundingBox
  /** Takes either; what it is says each item's kind. */
  'IMAGE,MASK': readonly Image[] | readonly Mask[]
  // ComfyUI_RH_API's own. RH_PARAM is a list too; a bundle holds one list for each task.
  RH_CONFIG: RunningHubConfig
  RH_PARAMS: readonly NodeInfo[]
  RH_PARAM: readonly NodeInfo[]
  RH_PARAM_BUNDLE: readonly (readonly NodeInfo[])[]
  /** VideoHelperSuite: whether the files lie in the output folder, and their paths. */
  VHS_FILENAMES: readonly [boolean, readonly string[]]
  /** VideoHelperSuite: `source_fps`, `loaded_frame_count` and so on. */
  VHS_VIDEOINFO: Readonly<Record<string, number>>
  /** Sockets that only files have; nothing here gives such a value. */
  VHS_BatchManager: never
  VAE: never
  '*': unknown
}

export type SocketType = keyof SocketTypes
