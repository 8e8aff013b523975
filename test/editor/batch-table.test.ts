import { expect, test } from 'vitest'
import {
  addColumn,
  append,
  blockText,
  clearRange,
  emptyTable,
  kindOfText,
  nameOf,
  readBlock,
  readValues,
  removeColumn,
  removeRows,
  renameColumn,
  type Table,
  toRows,
  writeBlock,
  writeCell,
} from '../../editor/state/index.ts'

const table: Table = {
  columns: ['a', 'b'],
  rows: [
    ['1', '2'],
    ['3', '4'],
  ],
}

test('a block is written where it is put: rows and columns come as they are needed', () => {
  const written = writeBlock(table, { row: 1, column: 1 }, [['x', 'y'], ['z']])
  expect(written.columns).toEqual(['a', 'b', 'column 3'])
  expect(written.rows).toEqual([
    ['1', '2', ''],
    ['3', 'x', 'y'],
    ['', 'z', ''],
  ])
  expect(writeBlock(emptyTable, { row: 0, column: 0 }, [['x']])).toEqual({
    columns: ['column 1'],
    rows: [['x']],
  })
})

test('what changes nothing is the same table, so that it is no step of undo', () => {
  expect(writeCell(table, 0, 0, '1')).toBe(table)
  expect(writeCell(table, 2, 0, '')).toBe(table)
  expect(removeRows(table, 5, 6)).toBe(table)
  const empty = clearRange(table, { top: 0, left: 0, bottom: 0, right: 0 })
  expect(empty.rows[0]).toEqual(['', '2'])
  expect(clearRange(empty, { top: 0, left: 0, bottom: 0, right: 0 })).toBe(empty)
})

test('columns are added, renamed and removed; no two have one name', () => {
  expect(addColumn(table, 'a').columns).toEqual(['a', 'b', 'a 2'])
  expect(renameColumn(table, 0, ' c ')?.columns).toEqual(['c', 'b'])
  expect(renameColumn(table, 0, 'b')).toBeUndefined()
  expect(renameColumn(table, 0, ' ')).toBeUndefined()
  expect(removeColumn(table, 0)).toEqual({ columns: ['b'], rows: [['2'], ['4']] })
})

test('another table goes under this one, its columns found by their names', () => {
  const more = { columns: ['b', 'c'], rows: [['5', '6']] }
  expect(append(table, more)).toEqual({
    columns: ['a', 'b', 'c'],
    rows: [
      ['1', '2', ''],
      ['3', '4', ''],
      ['', '5', '6'],
    ],
  })
  // Rows with nothing in them make room.
  expect(append({ columns: ['a'], rows: [['']] }, more).rows).toEqual([['', '5', '6']])
})

test('rows go to the server by name, empty ones left out', () => {
  expect(toRows({ columns: ['a'], rows: [['x'], [' '], ['y']] })).toEqual([{ a: 'x' }, { a: 'y' }])
})

test('a spreadsheet’s cells come back as they were copied, with tabs and line ends in them', () => {
  const tricky: Table = {
    columns: ['a', 'b'],
    rows: [
      ['one\ntwo', 'say "no"'],
      ['tab\there', '一只猫'],
    ],
  }
  const all = { top: 0, left: 0, bottom: 1, right: 1 }
  expect(readBlock(blockText(tricky, all))).toEqual(tricky.rows)
  expect(readBlock('a\tb\r\nc\td\r\n')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('a pasted text is a table when its first line is one, else a list', () => {
  const names = ['prompt', 'seed']
  expect(kindOfText('prompt\tseed\na cat\t1', names)).toBe('table')
  expect(kindOfText('Prompt, seed\na cat, 1', names)).toBe('table')
  expect(kindOfText('[{"a":1}]', names)).toBe('table')
  expect(kindOfText('a cat, asleep\na dog', names)).toBe('lines')
})

test('values of an axis and names of results', () => {
  expect(readValues('1, 2，3,')).toEqual(['1', '2', '3'])
  expect(readValues('a cat, asleep\na dog\n')).toEqual(['a cat, asleep', 'a dog'])
  expect(nameOf('{style}-{seed}-{row}-{no}', { style: 'ink', seed: '1' })).toBe('ink-1-00001-')
})
