import { expect, test } from 'vitest'
import type { JsonObject } from '../../editor/api/index.ts'
import { normaliseWorkflow, placeholderType, virtualTypes } from '../../editor/node-types/index.ts'

const find = (type: string) => virtualTypes.find(known => known.type === type)

test('what links made of Set, Get and Reroute stays as the file says', () => {
  const file: JsonObject = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'SetNode',
        inputs: [{ name: 'IMAGE', type: 'IMAGE', link: null }],
        outputs: [{ name: '*', type: '*', links: null }],
      },
      { id: 2, type: 'Reroute' },
    ],
    links: [],
  }
  const [set, reroute] = normaliseWorkflow(file, find).nodes as { inputs: unknown[]; outputs: unknown[] }[]
  expect(set?.inputs).toEqual([{ name: 'IMAGE', type: 'IMAGE', link: null }])
  // A file that says nothing gets the slots of the type.
  expect([reroute?.inputs.length, reroute?.outputs.length]).toEqual([1, 1])
})

test('panels that only help people are not missed, nodes that do work are', () => {
  expect(placeholderType('Fast Groups Muter (rgthree)').isVirtual).toBe(true)
  expect(placeholderType('Seed (rgthree)').isVirtual).toBe(false)
})

test('a subgraph whose borders have no place gets them beside what it holds', () => {
  const file = {
    version: 0.4,
    nodes: [],
    links: [],
    definitions: {
      subgraphs: [
        { id: 'a', name: 'A', nodes: [{ id: 1, type: 'Note', pos: [100, 50], size: [200, 80] }], links: [] },
      ],
    },
  }
  const { definitions } = normaliseWorkflow(file, find) as {
    definitions: { subgraphs: { inputNode: { bounding: number[] }; outputNode: { bounding: number[] } }[] }
  }
  const [subgraph] = definitions.subgraphs
  expect(subgraph?.inputNode.bounding[0]).toBeLessThan(100)
  expect(subgraph?.outputNode.bounding[0]).toBeGreaterThan(300)
})
