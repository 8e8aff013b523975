const found = import.meta.glob<string>('../../examples/input/*', {
  query: '?url',
  import: 'default',
  eager: true,
})

/** The media that our examples load, shipped with the editor. */
export const exampleInputs = Object.entries(found).map(([path, url]) => ({
  name: path.split('/').at(-1) ?? path,
  url,
}))
