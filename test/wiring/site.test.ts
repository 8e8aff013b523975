import { describe, expect, test } from 'vitest'
import type { RunningHubSettings } from '../../nodes/values.ts'
import { normaliseBaseUrl } from '../../server/runninghub/index.ts'
import { resolveSite, type SiteSources } from '../../server/wiring/index.ts'

const cn = 'https://www.runninghub.cn'
const ai = 'https://www.runninghub.ai'
const here = 'http://127.0.0.1:8189'
const builtIn = 'http://127.0.0.1:50001'

type Row = {
  graph?: Partial<RunningHubSettings>
  flags?: SiteSources['flags']
  environment?: SiteSources['environment']
  lifted?: Record<string, string>
  stored?: { name: string; key: string; baseUrl?: string; imported?: boolean }[]
  mode?: 'auto' | 'on' | 'off'
  /** What the environment adds to RunningHub's sites. */
  sites?: string[]
  /** Where a sandbox answers. */
  sandboxAt?: string
}

function resolved(row: Row) {
  const { stored = [] } = row
  const started: string[] = []
  const looked: string[] = []
  const work = resolveSite(
    { baseUrl: cn, apiKey: '', targetId: '1', ...row.graph },
    {
      flags: row.flags ?? {},
      environment: row.environment ?? {},
      sites: row.sites ?? [],
      liftedKeys: new Map(Object.entries(row.lifted ?? {})),
      keyStore: {
        get: async name => stored.find(key => key.name === name),
        default: async () => stored[0],
        all: async () => stored,
      },
      sandbox: {
        mode: row.mode ?? 'auto',
        apiKey: 'the-sandbox-key',
        start: async () => {
          started.push(builtIn)
          return builtIn
        },
        isOneAt: async baseUrl => {
          looked.push(baseUrl)
          return baseUrl === row.sandboxAt
        },
      },
    },
  )
  return { work, started, looked }
}

/** `site key` as a person would say it; the built-in sandbox is `sandbox`. */
async function place(row: Row): Promise<string> {
  const { baseUrl, apiKey, isSandbox } = await resolved(row).work
  expect(isSandbox).toBe(apiKey === 'the-sandbox-key')
  return baseUrl === builtIn ? `sandbox ${apiKey}` : `${baseUrl} ${apiKey}`
}

test('of a site that is said, a kept key of that site is used before the default of the other', async () => {
  const stored = [
    { name: 'a', key: 'cn-key', baseUrl: cn },
    { name: 'b', key: 'ai-key', baseUrl: ai },
  ]
  expect(await place({ stored, graph: { baseUrl: ai } })).toBe(`${ai} ai-key`)
  expect(await place({ stored })).toBe(`${cn} cn-key`)
})

const filled = { lifted: { 'file-1': 'graph-key' }, graph: { apiKey: '<key:file-1>' } }

describe('which key', () => {
  test.each<[string, Row, string]>([
    [
      'a flag before all',
      { ...filled, flags: { apiKey: 'flag-key' }, environment: { apiKey: 'env-key' } },
      `${cn} flag-key`,
    ],
    [
      'the graph before the environment',
      { ...filled, environment: { apiKey: 'env-key' } },
      `${cn} graph-key`,
    ],
    [
      'the environment before the store',
      { environment: { apiKey: 'env-key' }, stored: [{ name: 'a', key: 'store-key' }] },
      `${cn} env-key`,
    ],
    ['the store before the sandbox', { stored: [{ name: 'a', key: 'store-key' }] }, `${cn} store-key`],
    ['the sandbox when nobody says one', {}, 'sandbox the-sandbox-key'],
    [
      'a kept key by its name',
      {
        graph: { apiKey: '<key:work>' },
        stored: [
          { name: 'a', key: 'x' },
          { name: 'work', key: 'work-key' },
        ],
      },
      `${cn} work-key`,
    ],
    [
      'a key that came along a link',
      { graph: { apiKey: ' linked-key-of-the-graph ' } },
      `${cn} linked-key-of-the-graph`,
    ],
    ['spaces around a key are no part of it', { flags: { apiKey: ' flag-key\n' } }, `${cn} flag-key`],
    [
      'a name nobody keeps says nothing',
      { graph: { apiKey: '<key:gone>' }, environment: { apiKey: 'env-key' } },
      `${cn} env-key`,
    ],
    ['a filler as flag says nothing', { flags: { apiKey: 'YOUR_API_KEY' } }, 'sandbox the-sandbox-key'],
    [
      'a filler in the environment says nothing',
      { environment: { apiKey: '<your key>' } },
      'sandbox the-sandbox-key',
    ],
  ])('%s', async (_what, row, answer) => {
    expect(await place(row)).toBe(answer)
  })

  test.each([[''], ['  '], ['YOUR_API_KEY'], ['your-api-key'], ['<API_KEY>'], ['xxxxxxxx']])(
    'the filler %j in a graph says nothing',
    async apiKey => {
      expect(await place({ graph: { apiKey } })).toBe('sandbox the-sandbox-key')
      expect(await place({ graph: { apiKey }, environment: { apiKey: 'env-key' } })).toBe(`${cn} env-key`)
    },
  )
})

describe('which site', () => {
  test.each<[string, Row, string]>([
    [
      'a flag before all',
      { ...filled, flags: { baseUrl: ai }, environment: { baseUrl: cn } },
      `${ai} graph-key`,
    ],
    [
      'a flag before nonsense in the graph',
      { ...filled, flags: { baseUrl: ai }, graph: { ...filled.graph, baseUrl: 'a b' } },
      `${ai} graph-key`,
    ],
    [
      'the graph before the environment',
      {
        ...filled,
        graph: { ...filled.graph, baseUrl: ai },
        environment: { baseUrl: 'https://other.example' },
      },
      `${ai} graph-key`,
    ],
    [
      "the graph's default with its own key is meant",
      { ...filled, environment: { baseUrl: ai } },
      `${cn} graph-key`,
    ],
    [
      "the graph's default without a key of its own is not",
      { environment: { apiKey: 'env-key', baseUrl: ai } },
      `${ai} env-key`,
    ],
    [
      'a kept key goes to its site',
      { stored: [{ name: 'a', key: 'store-key', baseUrl: ai }] },
      `${ai} store-key`,
    ],
    [
      'a kept key named by a graph with the default goes to its site',
      { graph: { apiKey: '<key:a>' }, stored: [{ name: 'a', key: 'store-key', baseUrl: ai }] },
      `${ai} store-key`,
    ],
    [
      'an empty base_url says nothing',
      { ...filled, graph: { ...filled.graph, baseUrl: '' }, environment: { baseUrl: ai } },
      `${ai} graph-key`,
    ],
    [
      'nobody says one: the default',
      { ...filled, graph: { ...filled.graph, baseUrl: ' ' } },
      `${cn} graph-key`,
    ],
    ['a slash at the end', { ...filled, graph: { ...filled.graph, baseUrl: `${ai}/` } }, `${ai} graph-key`],
    [
      '/openapi/v2 at the end',
      { ...filled, graph: { ...filled.graph, baseUrl: `${ai}/openapi/v2/` } },
      `${ai} graph-key`,
    ],
    [
      'the default with a slash is still the default',
      { graph: { baseUrl: `${cn}/` } },
      'sandbox the-sandbox-key',
    ],
    [
      'the default of the newer pack too',
      { graph: { baseUrl: `${cn}/openapi/v2` } },
      'sandbox the-sandbox-key',
    ],
  ])('%s', async (_what, row, answer) => {
    expect(await place(row)).toBe(answer)
  })

  test.each<[string, Row]>([
    ['another site in the graph', { graph: { baseUrl: ai } }],
    ['a site as flag', { flags: { baseUrl: cn } }],
    ['a site in the environment', { environment: { baseUrl: ai } }],
    ['no sandbox wanted', { mode: 'off' }],
    ['an address on this machine where no sandbox is', { flags: { baseUrl: here } }],
  ])('%s, and no key: it is said, and nothing stands in silently', async (_what, row) => {
    const { work, started } = resolved(row)
    await expect(work).rejects.toMatchObject({
      code: 'no-key',
      hint: expect.stringContaining('rh-bridge keys add'),
    })
    expect(started).toEqual([])
  })

  test.each([['a b'], ['ftp://x'], ['http://'], ['file:///etc/passwd']])(
    '%j is no web address',
    async baseUrl => {
      await expect(resolved({ graph: { baseUrl } }).work).rejects.toMatchObject({ code: 'bad-base-url' })
    },
  )
})

const stranger = 'https://other.example'

describe('a graph from anywhere does not say where its reader’s keys go', () => {
  const own = { name: 'a', key: 'store-key', baseUrl: cn }
  test.each<[string, Row]>([
    ['a kept key and a stranger', { stored: [own], graph: { baseUrl: stranger } }],
    ['one that the graph names', { stored: [own], graph: { baseUrl: stranger, apiKey: '<key:a>' } }],
    ['one whose site nobody knows', { stored: [{ name: 'a', key: 'k' }], graph: { baseUrl: stranger } }],
    ['the other of RunningHub’s sites', { stored: [own], graph: { baseUrl: ai } }],
    ['the environment’s key', { environment: { apiKey: 'env-key' }, graph: { baseUrl: stranger } }],
    ['a key as flag', { flags: { apiKey: 'flag-key' }, graph: { baseUrl: stranger } }],
    ['a name like RunningHub’s', { environment: { apiKey: 'k' }, graph: { baseUrl: `${cn}.example` } }],
    ['another port of RunningHub', { environment: { apiKey: 'k' }, graph: { baseUrl: `${cn}:8443` } }],
    ['this machine', { environment: { apiKey: 'env-key' }, graph: { baseUrl: here } }],
    [
      'the address that the environment names, for a key of another site',
      { stored: [own], environment: { baseUrl: stranger }, graph: { baseUrl: stranger } },
    ],
  ])('%s', async (_what, row) => {
    const { host } = new URL(row.graph?.baseUrl ?? '')
    await expect(resolved(row).work).rejects.toMatchObject({
      code: 'no-key',
      message: expect.stringContaining(`no API key for ${host}`),
      hint: expect.stringContaining(
        host === 'www.runninghub.ai' ? 'keys add' : `--base-url ${row.graph?.baseUrl}`,
      ),
    })
  })

  test.each<[string, Row, string]>([
    ['a key that came with it', { ...filled, graph: { ...filled.graph, baseUrl: stranger } }, 'graph-key'],
    ['a flag names the site', { stored: [own], flags: { baseUrl: stranger } }, 'store-key'],
    [
      'flag and graph name it',
      { stored: [own], flags: { baseUrl: stranger }, graph: { baseUrl: stranger } },
      'store-key',
    ],
    [
      'the environment names it',
      { environment: { baseUrl: stranger, apiKey: 'env-key' }, graph: { baseUrl: stranger } },
      'env-key',
    ],
    [
      'a person added it to the sites',
      { environment: { apiKey: 'env-key' }, sites: [stranger], graph: { baseUrl: stranger } },
      'env-key',
    ],
    [
      'the key was added for it',
      { stored: [{ ...own, baseUrl: `${stranger}/` }], graph: { baseUrl: stranger } },
      'store-key',
    ],
  ])('but %s', async (_what, row, key) => {
    expect(await place(row)).toBe(`${stranger} ${key}`)
  })

  test.each([
    ['http://www.runninghub.ai', ai],
    ['https://runninghub.ai', 'https://runninghub.ai'],
    ['runninghub.ai/openapi/v2/', 'https://runninghub.ai'],
  ])('%s is RunningHub, spoken to in secret', async (baseUrl, site) => {
    const stored = [{ name: 'a', key: 'ai-key', baseUrl: ai }]
    expect(await place({ stored, graph: { baseUrl } })).toBe(`${site} ai-key`)
  })
})

describe('the sandbox', () => {
  test.each<[string, Row, string]>([
    [
      'on: whatever else is said',
      { ...filled, mode: 'on', flags: { baseUrl: ai, apiKey: 'flag-key' } },
      'sandbox the-sandbox-key',
    ],
    [
      'on: nonsense in the graph is no matter',
      { mode: 'on', graph: { baseUrl: 'a b' } },
      'sandbox the-sandbox-key',
    ],
    [
      'a running one gets its own key when none is said',
      { flags: { baseUrl: here }, sandboxAt: here },
      `${here} the-sandbox-key`,
    ],
    [
      'a running one never gets the key of the environment',
      { flags: { baseUrl: here }, sandboxAt: here, environment: { apiKey: 'env-key' } },
      `${here} the-sandbox-key`,
    ],
    [
      'nor a kept one',
      { flags: { baseUrl: here }, sandboxAt: here, stored: [{ name: 'a', key: 'store-key' }] },
      `${here} the-sandbox-key`,
    ],
    [
      'nor one that a graph gives for the real site',
      { ...filled, flags: { baseUrl: here }, sandboxAt: here },
      `${here} the-sandbox-key`,
    ],
    [
      'nor one that a graph names, of another site',
      {
        graph: { apiKey: '<key:a>', baseUrl: here },
        stored: [{ name: 'a', key: 'store-key', baseUrl: cn }],
        sandboxAt: here,
      },
      `${here} the-sandbox-key`,
    ],
    [
      'but one that was given for it',
      { flags: { baseUrl: here, apiKey: 'flag-key' }, sandboxAt: here },
      `${here} flag-key`,
    ],
    [
      'or that stands beside its address in the graph',
      { ...filled, graph: { ...filled.graph, baseUrl: here }, sandboxAt: here },
      `${here} graph-key`,
    ],
    [
      'something else on this machine gets the key',
      { flags: { baseUrl: here }, environment: { apiKey: 'env-key' } },
      `${here} env-key`,
    ],
    [
      'off does not keep from one that is meant',
      { mode: 'off', flags: { baseUrl: here }, sandboxAt: here },
      `${here} the-sandbox-key`,
    ],
  ])('%s', async (_what, row, answer) => {
    expect(await place(row)).toBe(answer)
  })

  test('nobody knocks at a site that is not on this machine', async () => {
    const { work, looked, started } = resolved({ ...filled, flags: { baseUrl: ai } })
    await work
    expect(looked).toEqual([])
    expect(started).toEqual([])
  })

  test('the name of a key is told, never the key', async () => {
    expect((await resolved(filled).work).keyName).toBe('file-1')
    expect((await resolved({ environment: { apiKey: 'env-key' } }).work).keyName).toBe('RUNNINGHUB_API_KEY')
    expect((await resolved({ flags: { apiKey: 'flag-key' } }).work).keyName).toBe('--api-key')
    expect((await resolved({}).work).keyName).toBe('sandbox')
  })
})

test.each([
  ['www.runninghub.cn', cn],
  [' https://www.runninghub.cn// ', cn],
  ['HTTPS://WWW.RUNNINGHUB.CN', cn],
  ['https://www.runninghub.ai/openapi/v2', ai],
  ['http://127.0.0.1:8189/', here],
  ['https://proxy.example/rh/', 'https://proxy.example/rh'],
  ['https://www.runninghub.ai?x=1#y', ai],
])('%j is read as %s', (written, site) => {
  expect(normaliseBaseUrl(written)).toBe(site)
})

test('a site that came with a graph and its key is foreign until somebody here speaks for it', async () => {
  const foreign = 'https://rh.example'
  const ofGraph: Row = { ...filled, graph: { ...filled.graph, baseUrl: foreign } }
  const imported = { name: 'file-1', key: 'graph-key', baseUrl: foreign, imported: true }
  const rows: [Row, boolean][] = [
    [ofGraph, true],
    [{ ...filled }, false],
    [{ ...filled, graph: { ...filled.graph, baseUrl: ai } }, false],
    [{ ...ofGraph, sites: [foreign] }, false],
    [{ ...ofGraph, flags: { baseUrl: foreign } }, false],
    [{ ...ofGraph, environment: { baseUrl: foreign } }, false],
    [{ ...ofGraph, lifted: {}, stored: [imported] }, true],
    [{ ...ofGraph, lifted: {}, stored: [{ ...imported, imported: false }] }, false],
  ]
  for (const [row, isForeign] of rows) {
    expect((await resolved(row).work).isForeign === true).toBe(isForeign)
  }
})
