import Papa from 'papaparse'
import { BridgeError } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import type { Row } from './types.ts'

/** More rows than this are a mistake, or several batches. */
export const maxRows = 100_000

/**
 * A table as people have it: CSV or TSV with a head line (a spreadsheet's copy too), a JSON list of objects, or JSON lines.
 * Throws BridgeError `bad-rows` with the line.
 */
export function readTable(text: string): readonly Row[] {
  const clean = text.replace(/^﻿/, '').trim()
  if (clean === '') throw badRows('The table is empty.')
  if (clean.startsWith('[')) return fromJson(clean)
  if (clean.startsWith('{')) return fromLines(clean)
  return fromCsv(clean)
}

/** One row a line, in the column `prompt`; empty lines and lines that begin with `#` are left out. */
export function readLines(text: string, column = 'prompt'): readonly Row[] {
  const lines = text
    .replace(/^﻿/, '')
    .split(/\r?\n/)
    .map(line => line.trim())
  return checked(lines.filter(line => line !== '' && !line.startsWith('#')).map(line => ({ [column]: line })))
}

/** Every combination: each row with each value of each column (`seed` -> `1`, `2`, `3`). The last column changes fastest. */
export function multiply(
  rows: readonly Row[],
  matrix: { readonly [column: string]: readonly string[] },
): readonly Row[] {
  const columns = Object.entries(matrix).filter(([, values]) => values.length > 0)
  if (columns.length === 0) return rows
  const count = columns.reduce((product, [, values]) => product * values.length, Math.max(1, rows.length))
  if (count > maxRows) throw badRows(`That comes to ${count} rows; ${maxRows} are the most.`)
  let all: readonly Row[] = rows.length > 0 ? rows : [{}]
  for (const [column, values] of columns) {
    all = all.flatMap(row => values.map(value => ({ ...row, [column]: value })))
  }
  return all
}

function fromCsv(text: string): readonly Row[] {
  const [head = []] = Papa.parse<string[]>(text, { preview: 1 }).data
  const titles = head.map(name => name.trim())
  const twice = titles.find((name, index) => name !== '' && titles.indexOf(name) !== index)
  if (twice !== undefined) throw badRows(`The column "${twice}" is there twice.`)
  const { data, errors, meta } = Papa.parse<Record<string, string>>(text, {
    header: true,
    skipEmptyLines: 'greedy',
    // Columns without a name may be several; they are left out below.
    transformHeader: (name, index) => name.trim() || `\0${index}`,
  })
  // One column has nothing to tell a separator by: that is no error.
  const [error] = errors.filter(({ code }) => code !== 'UndetectableDelimiter')
  if (error) {
    const where = error.row === undefined ? '' : ` (line ${error.row + 2})`
    throw badRows(`The table cannot be read: ${error.message}${where}`)
  }
  const names = (meta.fields ?? []).filter(name => !name.startsWith('\0'))
  if (names.length === 0) throw badRows('The table has no head line with the names of its columns.')
  return checked(data.map(row => Object.fromEntries(names.map(name => [name, row[name] ?? '']))))
}

function fromJson(text: string): readonly Row[] {
  const list = parsed(text, 1)
  if (!Array.isArray(list)) throw badRows('The table is no list of rows.')
  return checked(list.map((item, index) => toRow(item, index + 1)))
}

function fromLines(text: string): readonly Row[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }))
  return checked(
    lines.filter(({ line }) => line !== '').map(({ line, number }) => toRow(parsed(line, number), number)),
  )
}

function parsed(text: string, line: number): JsonValue {
  try {
    return parseJson(text)
  } catch (cause) {
    throw badRows(`Line ${line} is no JSON.`, cause)
  }
}

function toRow(item: JsonValue, number: number): Row {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw badRows(`Row ${number} is no object with columns.`)
  }
  return Object.fromEntries(
    Object.entries(item).map(([column, value]) => {
      if (typeof value === 'object' && value !== null) {
        throw badRows(`Row ${number}, column "${column}", holds a list or an object.`)
      }
      return [column, value === null ? '' : String(value)]
    }),
  )
}

function checked(rows: readonly Row[]): readonly Row[] {
  if (rows.length === 0) throw badRows('The table has no rows.')
  if (rows.length > maxRows) throw badRows(`The table has ${rows.length} rows; ${maxRows} are the most.`)
  return rows
}

function badRows(message: string, cause?: unknown): BridgeError {
  return new BridgeError(message, {
    code: 'bad-rows',
    hint: 'Give CSV with a head line, a JSON list of objects, or one JSON object a line.',
    cause,
  })
}
