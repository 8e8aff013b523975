import type { NodeWords } from '../node-words.ts'
import type { Model, ModelParam } from './model.ts'

/** A model's names and explanations in both languages, as far as its entry has them. */
export function modelWords(model: Model): NodeWords {
  const { zh, en } = model.names
  const tooltips = Object.fromEntries(model.params.flatMap(tooltipZh))
  const labels = Object.fromEntries(model.params.flatMap(labelZh))
  return {
    ...(en !== undefined && { en: { title: en } }),
    zh: {
      ...(zh !== undefined && { title: zh }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(tooltips).length > 0 && { tooltips }),
    },
  }
}

/** Only where the plain tooltip is another one. */
function tooltipZh({ key, description, descriptionEn }: ModelParam): [string, string][] {
  return description !== undefined && descriptionEn !== undefined ? [[key, description]] : []
}

function labelZh({ key, label }: ModelParam): [string, string][] {
  return label !== undefined && label !== key && /[\u4e00-\u9fff]/.test(label) ? [[key, label]] : []
}
