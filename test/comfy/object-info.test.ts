import { expect, test } from 'vitest'
import { openServer } from '../support/open-server.ts'

type Info = Record<string, unknown> & {
  input: { required: Record<string, [unknown, Record<string, unknown>]>; optional?: Record<string, unknown> }
  input_order: { required: string[]; optional?: string[] }
  output: unknown[]
}

test.each(['', '/api'])('%s/object_info describes every node with ComfyUI’s fields', async prefix => {
  const server = await openServer()
  const { json, headers } = await server.get(`${prefix}/object_info`)
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  const all = Object.entries(json as Record<string, Info>)
  expect(all.map(([type]) => type)).toEqual(
    expect.arrayContaining(['RH_ExecuteNode', 'LoadImage', 'SaveImage', 'PreviewAny']),
  )
  for (const [type, info] of all) {
    expect(info, type).toMatchObject({
      name: type,
      display_name: expect.any(String),
      description: expect.any(String),
      category: expect.any(String),
      python_module: expect.stringMatching(/^(nodes|comfy_extras\.|custom_nodes\.|comfy_api_nodes\.)/),
      output_node: expect.any(Boolean),
      is_input_list: expect.any(Boolean),
      input: { required: expect.any(Object) },
    })
    expect(info.input_order.required, type).toEqual(Object.keys(info.input.required))
    expect(info.input_order.optional ?? [], type).toEqual(Object.keys(info.input.optional ?? {}))
    for (const list of [info.output_name, info.output_is_list])
      expect(list, type).toHaveLength(info.output.length)
    for (const spec of Object.values({ ...info.input.required, ...info.input.optional })) {
      const [kind, options] = spec as [unknown, unknown]
      // Old-style combos: several clients read spec[0] as the list.
      expect(typeof kind === 'string' || Array.isArray(kind), type).toBe(true)
      expect(kind, type).not.toBe('COMBO')
      expect(options, type).toBeTypeOf('object')
    }
  }
})

test('a choice that brings inputs along is told as ComfyUI tells it', async () => {
  const server = await openServer()
  const { json } = await server.get('/object_info/SaveAudioAdvanced')
  const { input } = (json as Record<string, Info>).SaveAudioAdvanced as Info
  expect(input.required.format).toEqual([
    'COMFY_DYNAMICCOMBO_V3',
    {
      options: [
        { key: 'flac', inputs: { required: {} } },
        { key: 'mp3', inputs: { required: { quality: [['V0', '128k', '320k'], { default: 'V0' }] } } },
        {
          key: 'opus',
          inputs: { required: { quality: [['64k', '96k', '128k', '192k', '320k'], { default: '128k' }] } },
        },
      ],
    },
  ])
})

test('one class is described by its name, an alias or a name nobody knows is an empty object with 200', async () => {
  const server = await openServer()
  const { json } = await server.get('/object_info/RH_ExecuteNode')
  const whole = (await server.get('/object_info')).json as Record<string, Info>
  expect(json).toEqual({ RH_ExecuteNode: whole.RH_ExecuteNode })
  const escaped = await server.get('/object_info/Primitive%20boolean%20%5BCrystools%5D')
  expect(Object.keys(escaped.json as object)).toEqual(['Primitive boolean [Crystools]'])
  for (const name of ['Primitive%20tree%20%5BCrystools%5D', 'nobody', '__proto__', 'constructor']) {
    const answer = await server.get(`/api/object_info/${name}`)
    expect([name, answer.status, answer.json]).toEqual([name, 200, {}])
  }
})
