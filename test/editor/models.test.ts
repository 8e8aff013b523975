import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parseJson } from '../../editor/api/json.ts'
import { chineseTitle, language, nodeTitle, slotLabel } from '../../editor/i18n/index.ts'
import { type NodeType, readObjectInfo } from '../../editor/node-types/index.ts'
import { pinyin } from '../../editor/panels/pinyin.ts'
import { searchIndex, searchNodes } from '../../editor/state/node-search.ts'
import { type Model, modelHelpers, modelNode, readRegistry, shippedModels } from '../../nodes/models/index.ts'
import { objectInfo } from '../../server/comfy/object-info.ts'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { publicRegistry } from '../support/model-registry.ts'

/** Node types as the editor reads them off the server's own answer. */
async function typesOf(models: readonly Model[], more: typeof modelHelpers = []) {
  const nodes = [...models.map(modelNode), ...more]
  const entries = await Promise.all(
    nodes.map(async node => [node.type, await objectInfo(node, async () => [])] as const),
  )
  return readObjectInfo(parseJson(writeJson(Object.fromEntries(entries))))
}

afterEach(() => {
  language.value = 'en'
})

describe('the shipped models', () => {
  let types: ReadonlyMap<string, NodeType>
  beforeAll(async () => {
    types = await typesOf(shippedModels(), modelHelpers)
  })

  test('have their names in the language of the page', () => {
    const ltx = types.get('RH_RhartVideoLtx23TextToVideo')
    if (!ltx) throw new Error('no such type')
    expect(nodeTitle(ltx)).toBe('LTX 2.3 text to video')
    language.value = 'zh'
    expect(nodeTitle(ltx)).toBe('LTX 2.3 文生视频')
  })

  test('have a Chinese word for every input and output', () => {
    language.value = 'zh'
    const missing = [...types.values()].flatMap(type => {
      const names = [...type.sockets, ...type.widgets, ...type.outputs].map(({ name }) => name)
      return [...new Set(names)]
        .filter(name => !/[\u4e00-\u9fff]/.test(slotLabel(type, name)))
        .map(name => `${type.type}.${name}`)
    })
    expect(missing).toEqual([])
    const edit = types.get('RH_AlibabaWan27ImageEdit')
    if (!edit) throw new Error('no such type')
    expect(slotLabel(edit, 'image3')).toBe('图像 3')
    expect([...types.values()].filter(type => !/[\u4e00-\u9fff]/.test(nodeTitle(type)))).toEqual([])
  })
})

test('a label of the registry is the widget’s name in Chinese', async () => {
  const param = { fieldKey: 'pages', type: 'INT', label: '页数' }
  const registry = readRegistry([{ class_name: 'Book', endpoint: 'maker/book', params: [param] }])
  if ('refusal' in registry) throw new Error(registry.refusal)
  const type = (await typesOf(registry.models)).get('RH_Book')
  if (!type) throw new Error('no such type')
  expect(slotLabel(type, 'pages')).toBe('pages')
  language.value = 'zh'
  expect(slotLabel(type, 'pages')).toBe('页数')
})

test('thousands of models are searched by name, Chinese name, pinyin and path while somebody types', async () => {
  const registry = readRegistry(publicRegistry(5))
  if ('refusal' in registry) throw new Error(registry.refusal)
  const types = await typesOf(registry.models)
  const building = cpuTime()
  const index = searchIndex(types.values(), { shown: nodeTitle, chinese: chineseTitle }, pinyin)
  expect(building()).toBeLessThan(3000)
  for (const query of ['zw', 'zaowu', '造物 7', 'maker-7/to', 'RH_Maker7To', 'video', '']) {
    const took = cpuTime()
    expect(searchNodes(index, query)).not.toEqual([])
    // Under 40 ms on a quiet machine; a busy one gets its time.
    expect(took()).toBeLessThan(400)
  }
  expect(searchNodes(index, 'maker-7/to-video')[0]?.type.type).toBe('RH_Maker7Tovideo')
  expect(index).toHaveLength(1495)
})
