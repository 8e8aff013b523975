import { editAudioNodes } from './audio/edit-audio.ts'
import { loadAudio } from './audio/load-audio.ts'
import { saveAudioNodes } from './audio/save-audio.ts'
import { vhsAudioNodes } from './audio/vhs-load-audio.ts'
import type { NodeDefinition } from './define-node.ts'
import { saveFiles } from './files/save-files.ts'
import { batchNodes } from './image/batch-nodes.ts'
import { loadImage, loadImageMask, loadImageOutput } from './image/load-image.ts'
import { resizeAny } from './image/resize-any.ts'
import { saveAnimatedNodes } from './image/save-animated.ts'
import { previewImage, saveImage } from './image/save-image.ts'
import { saveImageWebsocket } from './image/save-websocket.ts'
import { scaleNodes } from './image/scale-nodes.ts'
import { transformNodes } from './image/transform-nodes.ts'
import { latentNodes } from './latent/latents.ts'
import { forEachNodes } from './list/for-each.ts'
import { loadListNodes } from './list/load-lists.ts'
import { logicNodes } from './logic/logic-nodes.ts'
import { mathExpression } from './logic/math-expression.ts'
import { compositingNodes } from './mask/compositing.ts'
import { maskNodes } from './mask/mask-nodes.ts'
import { type Model, modelHelpers, modelNode } from './models/index.ts'
import { packLiterals } from './primitive/pack-literals.ts'
import { primitiveNodes } from './primitive/primitives.ts'
import { seedNodes } from './primitive/seeds.ts'
import { anythingToString } from './runninghub/anything-to-string.ts'
import { askTheCloud } from './runninghub/ask-the-cloud.ts'
import { cloudNodes } from './runninghub/cloud-node.ts'
import { execute } from './runninghub/execute.ts'
import { fileUploaders } from './runninghub/file-uploaders.ts'
import { imageUploader } from './runninghub/image-uploader.ts'
import { mediaUploaders } from './runninghub/media-uploaders.ts'
import { nodeInfoList } from './runninghub/node-info-list.ts'
import { batchImages, extractImage } from './runninghub/pick-images.ts'
import { quickCreateNodes } from './runninghub/quick-create.ts'
import { settings } from './runninghub/settings.ts'
import { taskResult } from './runninghub/task-result.ts'
import { workflowRun } from './runninghub/workflow-run.ts'
import { runningHubKenNodes } from './runninghub-ken/index.ts'
import { previewAny } from './text/preview-any.ts'
import { regexNodes } from './text/regex-nodes.ts'
import { saveText } from './text/save-text.ts'
import { showTextNodes } from './text/show-text.ts'
import { stringFormat } from './text/string-format.ts'
import { stringNodes } from './text/string-nodes.ts'
import { loadVideo } from './video/load-video.ts'
import { saveVideoNodes } from './video/save-video.ts'
import { vhsVideoNodes } from './video/vhs-load-video.ts'
import { vhsVideoCombine } from './video/vhs-video-combine.ts'
import { videoPartNodes } from './video/video-parts.ts'
import { virtualNodes } from './virtual.ts'

/** Every node that can stand on the canvas and run; the one place that knows them all. */
export const allNodes: readonly NodeDefinition[] = [
  settings,
  nodeInfoList,
  execute,
  ...cloudNodes,
  imageUploader,
  ...mediaUploaders,
  ...fileUploaders,
  taskResult,
  ...askTheCloud,
  ...quickCreateNodes,
  workflowRun,
  ...runningHubKenNodes,
  anythingToString,
  extractImage,
  batchImages,
  loadImage,
  loadImageMask,
  loadImageOutput,
  saveImage,
  previewImage,
  saveImageWebsocket,
  ...scaleNodes,
  resizeAny,
  ...transformNodes,
  ...batchNodes,
  ...maskNodes,
  ...compositingNodes,
  ...saveAnimatedNodes,
  loadAudio,
  ...saveAudioNodes,
  ...editAudioNodes,
  loadVideo,
  ...videoPartNodes,
  ...saveVideoNodes,
  vhsVideoCombine,
  ...vhsVideoNodes,
  ...vhsAudioNodes,
  ...latentNodes,
  ...primitiveNodes,
  saveFiles,
  saveText,
  ...seedNodes,
  ...packLiterals,
  ...logicNodes,
  ...loadListNodes,
  ...forEachNodes,
  mathExpression,
  previewAny,
  ...showTextNodes,
  ...stringNodes,
  ...regexNodes,
  stringFormat,
  ...modelHelpers,
]

export type Catalogue = ReturnType<typeof createCatalogue>

/**
 * Finds definitions by type id, and by what people write instead of it. `models` are further nodes made of data: asked for and turned into
 * nodes only when a type is wanted that is none of ours; a type that is ours stays ours.
 */
export function createCatalogue(nodes: readonly NodeDefinition[], models: () => readonly Model[] = () => []) {
  const byType = new Map(nodes.map(node => [node.type, node]))
  const byAlias = new Map(nodes.flatMap(node => node.aliases.map(alias => [alias, node] as const)))
  const made = new Map<string, NodeDefinition>()
  const isOurs = (type: string) => byType.has(type) || byAlias.has(type) || virtualNodes.has(type)
  let modelsByType: ReadonlyMap<string, Model> | undefined
  const modelsOf = () => {
    modelsByType ??= new Map(
      models()
        .filter(model => !isOurs(model.type))
        .map(model => [model.type, model]),
    )
    return modelsByType
  }
  const make = (model: Model): NodeDefinition => {
    const known = made.get(model.type) ?? modelNode(model)
    made.set(model.type, known)
    return known
  }
  return {
    find(type: string): { definition: NodeDefinition; alias: boolean } | undefined {
      const definition = byType.get(type)
      if (definition) return { definition, alias: false }
      const aliased = byAlias.get(type)
      if (aliased) return { definition: aliased, alias: true }
      const model = virtualNodes.has(type) ? undefined : modelsOf().get(type)
      return model && { definition: make(model), alias: false }
    },
    /** Nodes written in code. */
    builtIn: nodes,
    /** Nodes made of a model registry. */
    models: (): readonly Model[] => [...modelsOf().values()],
    modelNodes: (): readonly NodeDefinition[] => [...modelsOf().values()].map(make),
    /** Whether a type of a registry would be hidden by a node written in code. */
    isOurs,
  }
}
