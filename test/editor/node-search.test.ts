import { expect, test } from 'vitest'
import { readObjectInfo } from '../../editor/node-types/index.ts'
import { canConnect, fitsLink, searchIndex, searchNodes } from '../../editor/state/node-search.ts'

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
    [...types.values()].filter(type => fitsLink(type, link)).map(type => type.type)
  expect(fitting({ from: 'output', type: 'IMAGE' })).toEqual(['SaveImage', 'PreviewAny'])
  expect(fitting({ from: 'input', type: 'MASK' })).toEqual(['LoadImage'])
  expect(canConnect('FLOAT,INT', 'int')).toBe(true)
  expect(canConnect('IMAGE', 'MASK')).toBe(false)
})
