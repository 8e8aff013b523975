import { expect, test } from 'vitest'
import { readCloudTarget } from '../../editor/node-types/from-link.ts'

test.each([
  ['2016195556967714818', { id: '2016195556967714818', site: 'https://www.runninghub.cn', isApp: false }],
  [
    ' https://www.runninghub.cn/workflow/2016195556967714818?source=x ',
    { id: '2016195556967714818', site: 'https://www.runninghub.cn', isApp: false },
  ],
  [
    'https://www.runninghub.cn/#/ai-detail/1877265245566922753?x=1',
    { id: '1877265245566922753', site: 'https://www.runninghub.cn', isApp: true },
  ],
  [
    'https://www.runninghub.ai/ai-detail/1877265245566922753',
    { id: '1877265245566922753', site: 'https://www.runninghub.ai', isApp: true },
  ],
])('%s names a cloud workflow or app', (text, target) => {
  expect(readCloudTarget(text)).toEqual(target)
})

test.each(['', 'hello', '12345', 'https://example.com/workflow/2016195556967714818', '{"nodes":[]}'])(
  '"%s" does not',
  text => {
    expect(readCloudTarget(text)).toBeUndefined()
  },
)
