/**
 * Containers that people have and mediabunny does not open (its ALL_FORMATS: MP4, MOV, Matroska, WebM, WAVE, Ogg, FLAC, MP3, ADTS,
 * MPEG-TS). Their codecs are mostly ones that are not known here either, so that another container alone would help few.
 */
const foreign: ReadonlyMap<string, string> = new Map([
  ['video/vnd.avi', 'AVI'],
  ['video/x-msvideo', 'AVI'],
  ['video/x-flv', 'FLV'],
  ['video/x-ms-asf', 'WMV'],
  ['video/x-ms-wmv', 'WMV'],
  ['audio/x-ms-asf', 'WMA'],
  ['audio/x-ms-wma', 'WMA'],
  ['video/mpeg', 'MPEG'],
  ['video/mp1s', 'MPEG'],
  ['video/mp2p', 'MPEG'],
  ['audio/aiff', 'AIFF'],
  ['audio/x-aiff', 'AIFF'],
  ['audio/amr', 'AMR'],
  ['audio/ape', 'APE'],
  ['audio/wavpack', 'WavPack'],
])

/** The name of a container that cannot be opened here, or undefined for one that can or that nobody knows. */
export function foreignContainer(mediaType: string): string | undefined {
  return foreign.get(mediaType.toLowerCase())
}
