import { allNodes, createCatalogue } from '../../nodes/index.ts'
import type { Transport } from '../runninghub/index.ts'
import { fetchRegistry } from './fetch-registry.ts'
import { createLiveCatalogue } from './live-catalogue.ts'
import { createModelShelf, type ImportReport } from './shelf.ts'

/** The catalogue of all nodes and the registries behind a part of it. What is added or removed is in the catalogue at once. */
export function createModelLibrary(options: {
  dataDir: string
  transport: Pick<Transport, 'dispatcherFor' | 'outside'>
}) {
  const shelf = createModelShelf(options.dataDir, createCatalogue(allNodes))
  const catalogue = createLiveCatalogue(shelf)
  const add = async (bytes: Uint8Array, name: string): Promise<ImportReport> => {
    const report = await shelf.add(bytes, name)
    catalogue.changed()
    return report
  }
  return {
    catalogue,
    registries: {
      all: shelf.all,
      add,
      /** The same of a file on the web; without a name it goes by the address. */
      fetch: async (url: string, name?: string, how: { isPublic?: boolean } = {}): Promise<ImportReport> =>
        add(await fetchRegistry(url, options.transport, how), name ?? new URL(url).pathname),
      async remove(name: string): Promise<boolean> {
        const isThere = await shelf.remove(name)
        catalogue.changed()
        return isThere
      },
    },
  }
}
