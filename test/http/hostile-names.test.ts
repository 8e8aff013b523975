import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openServer, tempFolder } from '../support/open-server.ts'
import { node } from '../support/prompts.ts'
import { asMultipart, multipart, raw } from '../support/raw-http.ts'

const secret = 'what lies out there'
const outside = [
  '..',
  '../x',
  '../../etc/passwd',
  '/etc/passwd',
  'a/../../x',
  '..\\x',
  'C:\\x',
  '%2e%2e/x',
  '..%2fx',
  '..%5cx',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%00',
  'a%00b',
  '..%00/x',
  '%252e%252e%252fx',
  '%c0%ae%c0%ae%c0%afx',
  '.../...//x',
  '~/x',
  '%ZZ',
]

test.each(outside)('the name %s leads out of no folder on any route', async name => {
  const around = await tempFolder()
  const server = await openServer({ dataDir: join(around, 'data') })
  await writeFile(join(around, 'x'), secret)
  await mkdir(join(server.dataDir, 'user'), { recursive: true })
  await mkdir(join(server.dataDir, 'workflows'), { recursive: true })
  const encoded = name.includes('%') ? name : encodeURIComponent(name)
  const paths = [
    `/view?filename=${encoded}`,
    `/view?filename=a.png&subfolder=${encoded}`,
    `/view?filename=a.png&type=${encoded}`,
    `/view_metadata/${encoded}?filename=a.safetensors`,
    `/view_metadata/input?filename=${encoded}`,
    `/userdata?dir=${encoded}`,
    `/v2/userdata?path=${encoded}`,
    `/userdata/${encoded}`,
    `/userdata/workflows%2F${encoded}`,
    `/workflow_templates/rh-bridge/${encoded}.json`,
    `/templates/${encoded}.json`,
    `/internal/files/${encoded}`,
    `/models/${encoded}`,
    `/settings/${encoded}`,
    `/object_info/${encoded}`,
    `/history/${encoded}`,
    `/api/jobs/${encoded}`,
    `/bridge/runs/${encoded}`,
    `/bridge/assets?type=${encoded}`,
    `/${encoded}`,
    `/assets/${encoded}`,
  ]
  for (const path of paths) {
    const { status, text } = await raw(server, path)
    expect(status < 500 && !text.includes(secret) && !text.includes('root:'), `${path} ${status}`).toBe(true)
  }
  for (const method of ['POST', 'DELETE'])
    for (const path of [
      `/userdata/${encoded}`,
      `/userdata/a/move/${encoded}`,
      `/userdata/${encoded}/move/b`,
    ]) {
      const { status } = await raw(server, path, { method, body: 'x' })
      expect(status < 500, `${method} ${path} ${status}`).toBe(true)
    }
  expect((await readdir(around)).toSorted()).toEqual(['data', 'x'])
  expect(await readFile(join(around, 'x'), 'utf8')).toBe(secret)
})

test.each([
  ['name', '../x.png', {}],
  ['name', '../../../../../../tmp/x.png', {}],
  ['name', '/etc/x.png', {}],
  ['name', '..\\\\..\\\\x.png', {}],
  ['name', '..', {}],
  ['subfolder', 'x.png', { subfolder: '..' }],
  ['subfolder', 'x.png', { subfolder: '../..' }],
  ['subfolder', 'x.png', { subfolder: '/etc' }],
  ['subfolder', 'x.png', { subfolder: 'a/../../b' }],
  ['subfolder', 'x.png', { subfolder: 'a\0b' }],
  ['subfolder', 'x.png', { subfolder: '..\\x' }],
])('an upload whose %s is %s %o is refused with 400 and writes nothing', async (_field, name, fields) => {
  const server = await openServer()
  const answer = await raw(server, '/upload/image', {
    method: 'POST',
    headers: asMultipart,
    body: multipart(name, fields),
  })
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { error: { code: 'path-outside' } }])
  expect(await readdir(join(server.dataDir, 'input')).catch(() => [])).toEqual([])
})

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'the key %s is a name like any other and changes no prototype',
  async key => {
    const server = await openServer()
    const poison = `{"polluted":true,"class_type":"PreviewAny"}`
    const bodies = [
      `{"${key}":${poison}}`,
      `{"prompt":{"${key}":${poison}}}`,
      `{"prompt":{"1":{"class_type":"PreviewAny","inputs":{"source":["${key}",0]}}}}`,
      `{"prompt":{"1":{"class_type":"${key}","inputs":{}}}}`,
      `{"prompt":{"1":{"class_type":"PreviewAny","inputs":{"source":"x","${key}":${poison}}}},"extra_data":{"${key}":${poison}}}`,
    ]
    for (const path of [
      '/prompt',
      '/settings',
      '/queue',
      '/history',
      '/interrupt',
      '/bridge/run',
      '/bridge/import',
      '/bridge/keys',
    ])
      for (const body of bodies) {
        const { status } = await server.request(path, { method: 'POST', body })
        expect(status < 500, `${path} ${body} ${status}`).toBe(true)
      }
    await server.post(`/settings/${key}`, { polluted: true })
    expect((await server.get(`/settings/${key}`)).json).toEqual({ polluted: true })
    expect((await server.get(`/object_info/${key}`)).json).toEqual({})
    for (const path of [`/history/${key}`, `/api/jobs/${key}`, `/bridge/runs/${key}`, `/userdata/${key}`]) {
      expect((await server.get(path)).status, path).toBeLessThan(500)
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.prototype).not.toHaveProperty('polluted')
    // Nodes may be called so, and run.
    const { entry } = await server.runToEnd(
      JSON.parse(
        `{"${key}":{"class_type":"PrimitiveString","inputs":{"value":"named ${key}"}},"2":{"class_type":"PreviewAny","inputs":{"source":["${key}",0]}}}`,
      ),
    )
    expect(entry.outputs).toEqual({ '2': { text: [`named ${key}`] } })
  },
)

test('a node that names files outside its folder is refused by validation', async () => {
  const server = await openServer()
  for (const image of ['../../etc/passwd', '/etc/passwd', 'a\0.png', '../x.png [output]']) {
    const { status, json } = await server.post('/prompt', {
      prompt: { '1': node('LoadImage', { image }), '2': node('PreviewImage', { images: ['1', 0] }) },
    })
    expect([status, json]).toMatchObject([400, { error: { type: 'prompt_outputs_failed_validation' } }])
  }
})
