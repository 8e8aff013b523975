import type { NodeWords } from '../node-words.ts'
import type { Model, ModelParam } from './model.ts'

/** A model's names in both languages, as far as its entry has them. */
export function modelWords({ names: { zh, en }, params }: Model): NodeWords {
  const labels = Object.fromEntries(params.flatMap(labelZh))
  return {
    ...(en !== undefined && { en: { title: en } }),
    zh: {
      ...(zh !== undefined && { title: zh }),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
  }
}

/** Most labels only repeat the field's name. */
function labelZh({ key, label }: ModelParam): [string, string][] {
  return label !== undefined && label !== key && /[\u4e00-\u9fff]/.test(label) ? [[key, label]] : []
}

/** What people may search a model by, beside its name and type. */
export function modelAliases({ names, endpoint }: Model): readonly string[] {
  return [...new Set([names.en, names.zh, endpoint].filter(name => name !== undefined))]
}
