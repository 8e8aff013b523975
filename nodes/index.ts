import type { NodeDefinition } from './define-node.ts'
import { loadImage } from './image/load-image.ts'
import { previewImage, saveImage } from './image/save-image.ts'
import { primitiveNodes } from './primitive/primitives.ts'
import { anythingToString } from './runninghub/anything-to-string.ts'
import { execute } from './runninghub/execute.ts'
import { imageUploader } from './runninghub/image-uploader.ts'
import { nodeInfoList } from './runninghub/node-info-list.ts'
import { batchImages, extractImage } from './runninghub/pick-images.ts'
import { settings } from './runninghub/settings.ts'
import { previewAny } from './text/preview-any.ts'
import { showTextNodes } from './text/show-text.ts'

/** Every node that can stand on the canvas and run; the one place that knows them all. */
export const allNodes: readonly NodeDefinition[] = [
  settings,
  nodeInfoList,
  execute,
  imageUploader,
  anythingToString,
  extractImage,
  batchImages,
  loadImage,
  saveImage,
  previewImage,
  ...primitiveNodes,
  previewAny,
  ...showTextNodes,
]

/** Finds definitions by type id, and by what people write instead of it. */
export function createCatalogue(nodes: readonly NodeDefinition[]) {
  const byType = new Map(nodes.map(node => [node.type, node]))
  const byAlias = new Map(nodes.flatMap(node => node.aliases.map(alias => [alias, node] as const)))
  return {
    find(type: string): { definition: NodeDefinition; alias: boolean } | undefined {
      const definition = byType.get(type)
      if (definition) return { definition, alias: false }
      const aliased = byAlias.get(type)
      return aliased && { definition: aliased, alias: true }
    },
    all: nodes,
  }
}
