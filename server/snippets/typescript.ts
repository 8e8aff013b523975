import { quoted, type Syntax, writeGraph } from './graph-text.ts'
import type { SnippetFacts } from './index.ts'
import { unusual } from './run-command.ts'

const javascript: Syntax = {
  scalar(value) {
    if (typeof value === 'string') return quoted(value)
    return typeof value === 'bigint' ? `${value}n` : String(value)
  },
  // Written plainly it would be the object's prototype.
  key: name => (name === '__proto__' ? '["__proto__"]' : quoted(name)),
}

/** The library, in the place this program works in. */
export function typescriptSnippet({ prompt, inputs, place }: SnippetFacts): string {
  const nameOf = new Map(inputs.map(({ nodeId, input, name }) => [`${nodeId}.${input}`, name]))
  const graph = writeGraph(prompt, javascript, (nodeId, input) => nameOf.get(`${nodeId}.${input}`))
  const variables = inputs.map(
    ({ name, value, label }) => `const ${name} = ${javascript.scalar(value)} // ${label}`,
  )
  const options = Object.entries(unusual(place)).map(
    ([name, value]) => `  ${name}: ${typeof value === 'string' ? quoted(value) : JSON.stringify(value)},`,
  )
  // A file may lie anywhere on this machine: the library finds those that are set.
  const files = inputs
    .filter(({ isFile }) => isFile)
    .map(({ nodeId, input, name }) => `${quoted(`${nodeId}.${input}`)}: ${name}`)
  return `// Node 24 or newer, with the package: npm install PATH/TO/rh-bridge.tgz
import { createBridge } from 'rh-bridge'

${variables.length === 0 ? '' : `${variables.join('\n')}\n\n`}const graph = ${graph}

await using bridge = await createBridge({
${options.join('\n')}
})
const { status, outputs, errors } = await bridge.run(graph${files.length === 0 ? '' : `, { set: { ${files.join(', ')} } }`})
for (const { files, text } of outputs) {
  for (const { path } of files) console.log(path)
  if (text !== null) console.log(text)
}
for (const { nodeId, message, hint } of errors) console.error(nodeId, message, hint ?? '')
process.exitCode = status === 'success' ? 0 : 1
`
}
