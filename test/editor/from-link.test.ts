import { expect, test } from 'vitest'
import { isCloudText } from '../../editor/node-types/from-link.ts'

test.each([
  '2016195556967714818',
  ' https://www.runninghub.cn/workflow/2016195556967714818?source=x ',
  'https://www.runninghub.cn/#/ai-detail/1877265245566922753?x=1',
  'https://www.runninghub.ai/post/1877265245566922753',
  `curl -X POST https://www.runninghub.cn/task/openapi/create -d '{"workflowId":"2016195556967714818"}'`,
  '[{"nodeId":"6","fieldName":"text","fieldValue":"a cat"}]',
  '{"webappId":"1877265245566922753","nodeInfoList":[]}',
])('the server is asked what %s is', text => {
  expect(isCloudText(text)).toBe(true)
})

test.each([
  '',
  'hello',
  '12345',
  'https://example.com/workflow/2016195556967714818',
  'https://www.runninghub.cn/about',
  '{"nodes":[]}',
  '{"1":{"class_type":"RH_SettingsNode","inputs":{"workflowId":"2016195556967714818"}}}',
])('"%s" is something else', text => {
  expect(isCloudText(text)).toBe(false)
})
