import { expect, test } from 'vitest'
import { foretoldZh } from '../../editor/i18n/index.ts'
import { type CloudField, checkItems } from '../../server/knowledge/index.ts'

const field = (fieldName: string, kind: CloudField['kind'], more: Partial<CloudField> = {}): CloudField => ({
  ...{ nodeId: '3', fieldName, classType: 'KSampler', title: 'KSampler', label: { en: '', zh: '' } },
  ...{ kind, multiline: false, value: '', options: [], ...more },
})
const description = {
  kind: 'workflow',
  isOpen: false,
  fields: [
    field('seed', 'seed', { min: 0, max: 9 }),
    field('cfg', 'float'),
    field('tiled', 'toggle'),
    field('image', 'image'),
    field('shape', 'options', { options: [{ value: 'wide', label: { en: '', zh: '' } }] }),
  ],
  links: { '3.model': '4' },
  nodes: { 3: { classType: 'KSampler', title: 'KSampler' }, 4: { classType: 'Loader', title: 'Loader' } },
} as const
const sent = (fieldName: string, value: unknown, nodeId = '3') => ({ nodeId, fieldName, value })

test('everything the check before paying can find is said in Chinese, with all its facts', () => {
  const problems = checkItems(description, [
    ...[sent('seed', '99'), sent('seed', '1'), sent('sed', '1'), sent('model', 'x'), sent('seed', '1', '8')],
    ...[sent('cfg', 'x'), sent('tiled', 'maybe'), sent('image', ''), sent('shape', 'wid')],
  ])
  expect(new Set(problems.map(({ code }) => code)).size).toBe(8)
  for (const { code, facts } of problems) {
    const text = foretoldZh[code]?.(facts)
    expect(text, code).toMatch(/\p{Script=Han}.*[。？]$/u)
    expect(text, code).not.toMatch(/undefined|number|true or/)
  }
  for (const kind of ['app', 'workflow']) {
    expect(foretoldZh['cloud-other-kind']?.({ id: '7', kind })).toContain('7')
  }
})
