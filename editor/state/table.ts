import Papa from 'papaparse'

/** The rows of a batch as they are typed: everything is text. No two columns have one name. */
export type Table = {
  readonly columns: readonly string[]
  /** Each as long as there are columns. */
  readonly rows: readonly (readonly string[])[]
}

/** A rectangle of cells, both corners in it. */
export type Range = {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

export const emptyTable: Table = { columns: [], rows: [] }

/** Writes a block at a place. Rows below the last are added, and columns where there are none at all yet. */
export function writeBlock(
  table: Table,
  at: { readonly row: number; readonly column: number },
  block: readonly (readonly string[])[],
): Table {
  const width = Math.max(0, ...block.map(line => line.length))
  const columns = [...table.columns]
  while (columns.length < at.column + width) columns.push(freeName(columns, `column ${columns.length + 1}`))
  const rows = table.rows.map(row => fill(row, columns.length))
  while (rows.length < at.row + block.length) rows.push(fill([], columns.length))
  for (const [down, line] of block.entries()) {
    const row = [...(rows[at.row + down] ?? [])]
    for (const [across, value] of line.entries()) row[at.column + across] = value
    rows[at.row + down] = row
  }
  return { columns, rows }
}

/** One cell; the same value again is no change. */
export function writeCell(table: Table, row: number, column: number, value: string): Table {
  if ((table.rows[row]?.[column] ?? '') === value) return table
  return writeBlock(table, { row, column }, [[value]])
}

export function clearRange(table: Table, { top, left, bottom, right }: Range): Table {
  const isIn = (row: number, column: number) =>
    row >= top && row <= bottom && column >= left && column <= right
  if (!table.rows.some((row, at) => row.some((value, column) => value !== '' && isIn(at, column))))
    return table
  const rows = table.rows.map((row, at) =>
    at < top || at > bottom ? row : row.map((value, column) => (isIn(at, column) ? '' : value)),
  )
  return { ...table, rows }
}

export function removeRows(table: Table, from: number, to: number): Table {
  const rows = table.rows.filter((_, at) => at < from || at > to)
  return rows.length === table.rows.length ? table : { ...table, rows }
}

export function addColumn(table: Table, name: string): Table {
  const columns = [...table.columns, freeName(table.columns, name)]
  return { columns, rows: table.rows.map(row => fill(row, columns.length)) }
}

export function removeColumn(table: Table, column: number): Table {
  return {
    columns: table.columns.filter((_, at) => at !== column),
    rows: table.rows.map(row => row.filter((_, at) => at !== column)),
  }
}

/** Undefined where another column is called so, or nothing is left of the name. */
export function renameColumn(table: Table, column: number, name: string): Table | undefined {
  const clean = name.trim()
  const isTaken = table.columns.some((other, at) => other === clean && at !== column)
  if (clean === '' || isTaken) return undefined
  if (table.columns[column] === clean) return table
  return { ...table, columns: table.columns.map((old, at) => (at === column ? clean : old)) }
}

/** Puts another table under this one: columns of one name are one column. */
export function append(table: Table, more: Table): Table {
  const columns = [...new Set([...table.columns, ...more.columns])]
  const places = columns.map(name => more.columns.indexOf(name))
  const filled = table.rows.filter(row => row.some(value => value !== ''))
  return {
    columns,
    rows: [
      ...filled.map(row => fill(row, columns.length)),
      ...more.rows.map(row => places.map(place => row[place] ?? '')),
    ],
  }
}

/** As the server wants rows. Rows with nothing in them are left out. */
export function toRows({ columns, rows }: Table): Record<string, string>[] {
  return rows
    .filter(row => row.some(value => value.trim() !== ''))
    .map(row => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? ''])))
}

/** Cells as spreadsheets copy them: tabs between, quotes around what holds a tab or a line's end. */
export function readBlock(text: string): string[][] {
  return Papa.parse<string[]>(text.replace(/\r?\n$/, ''), { delimiter: '\t' }).data
}

export function blockText(table: Table, { top, left, bottom, right }: Range): string {
  const lines = table.rows.slice(top, bottom + 1).map(row => row.slice(left, right + 1))
  return Papa.unparse(lines, { delimiter: '\t', newline: '\n' })
}

/** What a pasted text most likely is: a table with a head line, or a list with one value a line. */
export function kindOfText(text: string, knownNames: readonly string[]): 'table' | 'lines' {
  const clean = text.trim()
  const head = clean.split(/\r?\n/, 1)[0] ?? ''
  if (/^[[{]/.test(clean) || head.includes('\t')) return 'table'
  const names = head.split(/[,;]/).map(name => name.trim().toLowerCase())
  return names.some(name => knownNames.includes(name)) ? 'table' : 'lines'
}

/** `1, 2, 3` or one value a line: a value with commas stands on a line of its own. */
export function readValues(text: string): string[] {
  const parts = text.includes('\n') ? text.split(/\r?\n/) : text.split(/[,，]/)
  return parts.map(part => part.trim()).filter(part => part !== '')
}

/** What results of a row will be called, as far as can be told here. */
export function nameOf(pattern: string, row: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{([^{}]+)\}/g, (_, column: string) =>
    column === 'row' ? '00001' : (row[column] ?? ''),
  )
}

function fill(row: readonly string[], width: number): readonly string[] {
  if (row.length === width) return row
  return Array.from({ length: width }, (_, at) => row[at] ?? '')
}

function freeName(columns: readonly string[], wanted: string): string {
  let name = wanted
  for (let number = 2; columns.includes(name); number++) name = `${wanted} ${number}`
  return name
}
