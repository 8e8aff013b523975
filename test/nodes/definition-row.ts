/** One node in short: `name:TYPE` for an input, with `=default` when it holds a widget and `?` when it is optional. */
export type Row = [
  type: string,
  displayName: string,
  inputs: string,
  outputs: string,
  isOutput?: 'output node',
]
