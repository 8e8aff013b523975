import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Bench, cli, openBench } from './support.ts'

const app = '1877265245566922753'
/** `cloud …` against the test's sandbox. */
const cloud = ({ sandbox, dataDir }: Bench, ...args: string[]) =>
  cli(['cloud', ...args, '--base-url', sandbox.url, '--data-dir', dataDir])
const picture = join(import.meta.dirname, '../../examples/input/harbour.png')

test('from a pasted link to the fields, and from values to files', async context => {
  const bench = await openBench(context)
  const fields = await cloud(bench, 'fields', `https://www.runninghub.cn/ai-detail/${app}`, '--json')
  expect(fields.code).toBe(0)
  const described = JSON.parse(fields.stdout)
  expect(described).toMatchObject({
    kind: 'app',
    id: app,
    fields: [{ kind: 'image' }, { kind: 'options' }, {}],
  })
  const words = await cloud(bench, 'fields', app)
  expect(words.stdout).toMatch(/37\.aspect_ratio +options \(match_input_image/)

  const values = ['--set', `39.image=${picture}`, '--set', '52.prompt=一顶帽子']
  const run = await cloud(bench, 'run', app, ...values, '--json')
  expect(run.code).toBe(0)
  const report = JSON.parse(run.stdout)
  for (const { path } of report.outputs[0].files) expect((await stat(path)).size).toBeGreaterThan(0)
  const create = bench.sandbox.requests().find(({ path }) => path === '/task/openapi/ai-app/run')
  expect(create?.rawBody).toContain(`"webappId":${app}`)
  expect(create?.rawBody).toContain('一顶帽子')
  expect(create?.rawBody).toMatch(/"fieldName":"image","fieldValue":"(api|openapi)\//)
})

test('what is wrong is said before anything is created', async context => {
  const bench = await openBench(context)
  const listed = await cloud(bench, 'run', app, '--set', '37.aspect_ratio=16:09')
  expect(listed.code).toBe(1)
  expect(listed.stderr).toContain('Did you mean "16:9"?')
  const unknown = await cloud(bench, 'run', app, '--set', '37.ratio=1')
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('the fields: 39.image, 37.aspect_ratio, 52.prompt')
  expect((await cloud(bench, 'fields', 'hello')).code).toBe(2)
  expect(bench.sandbox.tasks()).toEqual([])
})

test('a link to the other site without a key of it says what to do; in the sandbox it is tried', async context => {
  const { dataDir } = await openBench(context)
  const link = `https://www.runninghub.ai/ai-detail/${app}`
  const alone = await cli(['cloud', 'fields', link, '--data-dir', dataDir])
  expect(alone.code).toBe(2)
  expect(alone.stderr).toContain('There is no API key for www.runninghub.ai.')
  expect(alone.stderr).toMatch(/keys add.*--sandbox on/)
  const chinese = await cli(['cloud', 'fields', link, '--data-dir', dataDir, '--lang', 'zh'])
  expect(chinese.stderr).toMatch(/www\.runninghub\.ai[\s\S]*沙盒/)
  expect((await cli(['cloud', 'run', link, '--data-dir', dataDir, '--sandbox', 'on'])).code).toBe(0)
})

test('a field of a node inside a subgraph is set by its whole id', async context => {
  const bench = await openBench(context)
  const run = await cloud(bench, 'run', '2024703585040211969', '--workflow', '--set', '57:8.text=a=b.c')
  expect(run).toMatchObject({ code: 0 })
  const create = bench.sandbox.requests().find(({ path }) => path.endsWith('/create'))
  expect(create?.rawBody).toContain('{"nodeId":"57:8","fieldName":"text","fieldValue":"a=b.c"}')
})

test('apps, models and keys of the site are printed under each other, with what to do next', async context => {
  const bench = await openBench(context)
  const apps = await cloud(bench, 'apps', '--search', 'flux', '--sort', 'hottest')
  expect(apps.stdout).toBe(
    `${app}  Flux Kontext 单图编辑  used 34545 times\n1 of 1 on sandbox.\n\nrh-bridge cloud fields ID --app\n`,
  )
  const models = await cloud(bench, 'resources', '--tag', 'style', '--base-model', 'Flux.1 D', '--limit', '2')
  expect(models.stdout.split('\n').slice(0, 3)).toEqual([
    '1900000000000000007  LORA  水墨山水          Flux.1 D  ink_landscape.safetensors   say: 水墨画',
    '1900000000000000010  LORA  Anime (Flux.1 D)  Flux.1 D  anime_flux_1_d.safetensors  say: anime',
    '2 of 11 on sandbox.',
  ])
  const keys = await cloud(bench, 'keys', '--json')
  expect(JSON.parse(keys.stdout)).toMatchObject({ items: [{ name: 'sandbox', quotaLimit: null }] })
  const wrong = await cloud(bench, 'resources', '--type', 'VAE')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('UNET, CHECKPOINT, LORA, GGUF')
})
