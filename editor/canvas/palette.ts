/** The theme's colours as the canvas needs them, read from the same CSS variables. */
export type Palette = ReturnType<typeof readPalette>

const linkTypes = [
  'IMAGE',
  'MASK',
  'LATENT',
  'MODEL',
  'CLIP',
  'VAE',
  'CONDITIONING',
  'STRUCT',
  'ARRAY',
  'STRING',
  'INT',
  'FLOAT',
  'BOOLEAN',
  'AUDIO',
  'VIDEO',
  'FILE',
] as const

export function readPalette() {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const links = Object.fromEntries(linkTypes.map(type => [type, read(`link-${type.toLowerCase()}`)]))
  return {
    links: {
      ...links,
      COMBO: links.STRING,
      '*': read('link-any'),
      // ComfyUI_RH_API's words for the same things.
      RH_CONFIG: links.STRUCT,
      RH_OPENAPI_CONFIG: links.STRUCT,
      RH_PARAMS: links.ARRAY,
      RH_PARAM: links.ARRAY,
      RH_PARAM_BUNDLE: links.ARRAY,
    } as Record<string, string>,
    anyLink: read('link-any'),
    plainLink: read('link-plain'),
    ground: read('ground'),
    grid: read('grid'),
    node: read('node'),
    nodeTitle: read('node-title'),
    nodeLine: read('node-line'),
    well: read('node-well'),
    hover: read('hover'),
    line: read('line'),
    lineStrong: read('line-strong'),
    text: read('text'),
    textSoft: read('text-soft'),
    textFaint: read('text-faint'),
    accent: read('accent'),
    accentInk: read('accent-ink'),
    accentSoft: read('accent-soft'),
    good: read('good'),
    warn: read('warn'),
    bad: read('bad'),
    badSoft: read('bad-soft'),
    frozen: read('frozen'),
    minimap: read('minimap'),
    tints: {
      RunningHub: read('tint-runninghub'),
      image: read('tint-image'),
      utilities: read('tint-utilities'),
      note: read('tint-note'),
    } as Record<string, string>,
    font: read('font'),
  }
}
