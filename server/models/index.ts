export { fetchRegistry } from './fetch-registry.ts'
export { createModelLibrary } from './library.ts'
export { createModelShelf, type ImportReport, type ModelShelf, shippedName } from './shelf.ts'
