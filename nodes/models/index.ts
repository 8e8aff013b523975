import type { NodeDefinition } from '../define-node.ts'
import { modelSettings } from './settings.ts'
import { sparkAssetNodes } from './spark-assets.ts'

export type { Model } from './model.ts'
export { modelNode } from './model-node.ts'
export { type Registry, type RegistryProblem, readRegistry } from './registry.ts'
export { shippedModels } from './shipped.ts'

/** What stands beside the models themselves: their settings, and files kept for them. */
export const modelHelpers: readonly NodeDefinition[] = [modelSettings, ...sparkAssetNodes]
