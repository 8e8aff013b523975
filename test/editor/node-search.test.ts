import { expect, test } from 'vitest'
import type { Json } from '../../editor/api/index.ts'
import { chineseTitle, nodeTitle } from '../../editor/i18n/index.ts'
import { readObjectInfo } from '../../editor/node-types/index.ts'
import { pinyin } from '../../editor/panels/pinyin.ts'
import { canConnect, fitOf, searchIndex, searchNodes } from '../../editor/state/node-search.ts'
import { allNodes } from '../../nodes/index.ts'
import { objectInfo } from '../../server/comfy/object-info.ts'

const entry = (display_name: string, category: string, input: Record<string, unknown[]>, output: string[]) =>
  ({
    display_name,
    category,
    input: { required: input },
    output,
    output_name: output,
    output_is_list: [],
  }) as never
const types = readObjectInfo({
  LoadImage: entry('Load Image', 'image', { image: [['a'], { image_upload: true }] }, ['IMAGE', 'MASK']),
  SaveImage: entry('Save Image', 'image', { images: ['IMAGE', {}] }, []),
  PreviewAny: entry('Preview as Text', 'utilities', { source: ['*', {}] }, ['STRING']),
})
const chinese: Record<string, string> = { LoadImage: '加载图像', SaveImage: '保存图像' }
const index = searchIndex(
  types.values(),
  { shown: type => type.title, chinese: ({ type }) => chinese[type] },
  {
    initials: text => (text === '加载图像' ? 'jztx' : 'bctx'),
    full: text => (text === '加载图像' ? 'jiazaituxiang' : ''),
  },
)
const first = (query: string) => searchNodes(index, query)[0]?.type.type

test.each([
  ['load', 'LoadImage'],
  ['加载', 'LoadImage'],
  ['jztx', 'LoadImage'],
  ['jiazai', 'LoadImage'],
  ['bctx', 'SaveImage'],
  ['SaveImage', 'SaveImage'],
  ['si', 'SaveImage'],
  ['utilities', 'PreviewAny'],
  ['image save', 'SaveImage'],
])('"%s" finds %s first', (query, type) => {
  expect(first(query)).toBe(type)
})

test('a link is offered what can take it', () => {
  const fitting = (link: { from: 'output' | 'input'; type: string }) =>
    searchNodes(index, '', ({ type }) => fitOf(type, link))
      .filter(({ type }) => fitOf(type, link) > 0)
      .map(({ type }) => type.type)
  // What is made for it comes before what takes anything.
  expect(fitting({ from: 'output', type: 'IMAGE' })).toEqual(['SaveImage', 'PreviewAny'])
  expect(fitting({ from: 'input', type: 'MASK' })).toEqual(['LoadImage'])
  expect(canConnect('FLOAT,INT', 'int')).toBe(true)
  expect(canConnect('IMAGE', 'MASK')).toBe(false)
})

test('each node of this server is found by the initials of its Chinese name', async () => {
  const infos = await Promise.all(
    allNodes.map(async node => [node.type, await objectInfo(node, async () => [])] as const),
  )
  const all = readObjectInfo(Object.fromEntries(infos) as unknown as Json)
  const whole = searchIndex(all.values(), { shown: nodeTitle, chinese: chineseTitle }, pinyin)
  const missed = [...all.values()].filter(type => {
    const initials = pinyin.initials(chineseTitle(type) ?? '')
    const found = searchNodes(whole, initials).slice(0, 8)
    return initials === '' || !found.some(entry => entry.type === type)
  })
  expect(missed.map(type => type.type)).toEqual([])
  // Of those that fit alike the everyday one: nobody who says “save” over a picture means a film.
  const takesImage = ({ type }: (typeof whole)[number]) => fitOf(type, { from: 'output', type: 'IMAGE' })
  const saved = searchNodes(whole, 'save', takesImage).filter(entry => takesImage(entry) > 0)
  expect(saved[0]?.type.type).toBe('SaveImage')
})
