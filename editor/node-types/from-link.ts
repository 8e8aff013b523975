import type { JsonObject } from '../api/index.ts'

export type CloudTarget = {
  readonly id: string
  readonly site: 'https://www.runninghub.cn' | 'https://www.runninghub.ai'
  readonly isApp: boolean
}

/** A RunningHub page's address or a bare id, as people paste it; undefined for any other text. */
export function readCloudTarget(text: string): CloudTarget | undefined {
  const clean = text.trim()
  if (/^\d{16,20}$/.test(clean)) return { id: clean, site: 'https://www.runninghub.cn', isApp: false }
  if (!URL.canParse(clean)) return undefined
  const { hostname, pathname, hash } = new URL(clean)
  const path = `${pathname}${hash}`
  const site = /^(?:www\.)?runninghub\.(cn|ai)$/.exec(hostname)?.[1]
  const id = /\/(\d{16,20})(?:[/?]|$)/.exec(path)?.[1]
  if (site === undefined || id === undefined) return undefined
  const isApp = /ai-detail|webapp|ai-app/.test(path)
  return { id, site: site === 'ai' ? 'https://www.runninghub.ai' : 'https://www.runninghub.cn', isApp }
}

/**
 * The graph that calls a cloud workflow or app as the pack's users build it: settings, a field to set, execute, save. The field is muted
 * until somebody says which: as it stands it would name none.
 */
export function workflowFromTarget({ id, site, isApp }: CloudTarget): JsonObject {
  const outputs = ['images', 'video_frames', 'latent', 'text', 'audio']
  return {
    last_node_id: 4,
    last_link_id: 3,
    nodes: [
      {
        id: 1,
        type: 'RH_SettingsNode',
        pos: [40, 80],
        size: [340, 120],
        flags: {},
        order: 0,
        mode: 0,
        inputs: [],
        outputs: [{ name: 'STRUCT', type: 'STRUCT', links: [1] }],
        properties: {},
        widgets_values: [site, '', id],
      },
      {
        id: 2,
        type: 'RH_ExecuteNode',
        pos: [440, 80],
        size: [320, 340],
        flags: {},
        order: 1,
        mode: 0,
        inputs: [
          { name: 'apiConfig', type: 'STRUCT', link: 1 },
          { name: 'nodeInfoList', type: 'ARRAY', shape: 7, link: 3 },
        ],
        outputs: outputs.map((name, at) => ({
          name,
          type: ['IMAGE', 'IMAGE', 'LATENT', 'STRING', 'AUDIO'][at] ?? '*',
          links: at === 0 ? [2] : null,
        })),
        properties: {},
        widgets_values: [600, 1, isApp, false],
      },
      {
        id: 3,
        type: 'SaveImage',
        pos: [820, 80],
        size: [380, 380],
        flags: {},
        order: 2,
        mode: 0,
        inputs: [{ name: 'images', type: 'IMAGE', link: 2 }],
        outputs: [],
        properties: {},
        widgets_values: [`rh_${id}`],
      },
      {
        id: 4,
        type: 'RH_NodeInfoListNode',
        pos: [40, 280],
        size: [340, 150],
        flags: {},
        order: 3,
        mode: 2,
        inputs: [{ name: 'previousNodeInfoList', type: 'ARRAY', shape: 7, link: null }],
        outputs: [{ name: 'ARRAY', type: 'ARRAY', links: [3] }],
        properties: {},
        widgets_values: [0, '', ''],
      },
    ],
    links: [
      [1, 1, 0, 2, 0, 'STRUCT'],
      [2, 2, 0, 3, 0, 'IMAGE'],
      [3, 4, 0, 2, 1, 'ARRAY'],
    ],
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  }
}
