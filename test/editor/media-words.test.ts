import { expect, test } from 'vitest'
import { nodeNamesZh, slotNamesZh } from '../../editor/i18n/nodes-zh.ts'
import { mediaRows } from '../nodes/definitions-media.ts'
import { nodeOf } from '../nodes/support.ts'

test.each(mediaRows)('%s and all it shows has Chinese words', type => {
  const { inputs, outputs } = nodeOf(type)
  expect(nodeNamesZh[type]).toBeTruthy()
  const names = [...inputs.keys(), ...outputs.map(({ name }) => name)]
  expect(names.filter(name => !slotNamesZh[`${type}.${name}`] && !slotNamesZh[name])).toEqual([])
})
