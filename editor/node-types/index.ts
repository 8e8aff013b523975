export { readA1111 } from './a1111.ts'
export {
  type CloudField,
  fieldKey,
  fieldOffers,
  fieldTitle,
  isUsual,
} from './cloud-fields.ts'
export { chainGraph, cloudNodeGraph, infoGraph } from './cloud-graph.ts'
export { isCloudLink, isCloudText } from './from-link.ts'
export { workflowFromPrompt } from './from-prompt.ts'
export { layoutColumns } from './layout.ts'
export { mergeBack } from './merge.ts'
export { normaliseWorkflow, shownNames } from './normalise.ts'
export { readObjectInfo } from './object-info.ts'
export { broughtNames, shapedType } from './shape.ts'
export type { NodeType, NumberSpec, Option, SocketSpec, TextSpec, WidgetSpec, WidgetValue } from './types.ts'
export { controlModes } from './types.ts'
export { placeholderType, virtualTypes } from './virtual.ts'
export {
  boxText,
  clampNumber,
  controlledValue,
  fitValue,
  parseNumber,
  readWidgetValues,
  storedValue,
  writeWidgetValues,
} from './widget-values.ts'
