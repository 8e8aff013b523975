export { type AssetKind, kindOf } from './describe.ts'
export { holdFiles, putBack } from './hold.ts'
export { pathInside, safeName } from './names.ts'
export { type AssetStore, createAssetStore, type RunMetadata, trimFolder } from './store.ts'
