import { quoted, type Syntax, writeGraph } from './graph-text.ts'
import type { SnippetFacts } from './index.ts'
import type { MainInput } from './main-inputs.ts'
import { runCommand } from './run-command.ts'

/** The command that runs a file, with what is worth changing as variables; on Windows one line, for its shells know no variables in common. */
export function cliSnippet({ inputs, place }: SnippetFacts, file: string, isWindows: boolean): string {
  const words = [...runCommand(place), file]
  if (isWindows) return `${words.map(word => (isPlain(word) ? word : `"${word}"`)).join(' ')}\n`
  // No program can be handed a NUL: such a text stays in the file.
  const given = inputs.filter(({ value }) => !String(value).includes('\0'))
  return [
    ...given.map(one => `${one.name}=${word(String(one.value))}${comment(one)}`),
    ...(given.length > 0 ? [''] : []),
    [
      words.map(word).join(' '),
      ...given.map(({ nodeId, input, name }) => `  --set ${word(`${nodeId}.${input}=`)}"$${name}"`),
    ].join(' \\\n'),
    '',
  ].join('\n')
}

const json: Syntax = {
  scalar: value => forHeredoc(typeof value === 'string' ? quoted(value) : String(value)),
  key: name => forHeredoc(quoted(name)),
}

/** POST /prompt, wait, and fetch the files, with curl and a shell. */
export function curlSnippet({ prompt, inputs, server, needsToken }: SnippetFacts): string {
  const nameOf = new Map(inputs.map(({ nodeId, input, name }) => [`${nodeId}.${input}`, name]))
  const graph = writeGraph(prompt, json, (nodeId, input) => {
    const name = nameOf.get(`${nodeId}.${input}`)
    return name === undefined ? undefined : `$${name}`
  })
  const variables = inputs.map(one => {
    const value = typeof one.value === 'string' ? quoted(one.value) : String(one.value)
    return `${one.name}=${word(value)}${comment(one)}`
  })
  const token = needsToken ? ' -H "Authorization: Bearer $RH_BRIDGE_TOKEN"' : ''
  const upload = `# To send a file of yours: curl${token} -F image=@FILE ${word(`${server}/upload/image`)}`
  return `# For bash and its kin. Values are JSON: a text stands in double quotes.
${variables.length === 0 ? '' : `${variables.join('\n')}\n`}${inputs.some(({ isFile }) => isFile) ? `${upload}\n` : ''}
server=${word(server)}
(
id="curl-$(date +%s)-$$"
ask() { curl -sS --fail-with-body${token} "$@"; }

ask -H 'Content-Type: application/json' --data-binary @- "$server/prompt" <<GRAPH || exit 1
{"prompt_id": "$id", "prompt": ${graph}}
GRAPH
echo

# Wait for the end.
while :; do
  run=$(ask "$server/bridge/runs/$id") || exit 1
  case $run in
    "{\\"id\\":\\"$id\\",\\"status\\":\\"running\\""* | "{\\"id\\":\\"$id\\",\\"status\\":\\"waiting\\""*) sleep 1 ;;
    "{\\"id\\":\\"$id\\",\\"status\\":\\"success\\""*) break ;;
    *) printf '%s\\n' "$run" >&2; exit 1 ;;
  esac
done

# Texts, then the files, which come into this folder.
printf '%s\\n' "$run" | sed -n 's/.*"texts":\\(\\[.*\\]\\),"errors":\\[.*/\\1/p'
printf '%s\\n' "$run" | grep -o '"filename":"[^"]*","subfolder":"[^"]*","type":"output"' |
  sed 's/"filename":"\\(.*\\)","subfolder":"\\(.*\\)","type":"output"/\\1|\\2/' | sort -u |
  while IFS='|' read -r file folder; do
    ask -G --data-urlencode "filename=$file" --data-urlencode "subfolder=$folder" -d type=output \\
      -o "./$file" "$server/view" </dev/null && echo "$file"
  done
)
`
}

function comment({ label }: MainInput): string {
  return ` # ${label}`
}

/** A word as a shell takes it whole. */
function word(text: string): string {
  return isPlain(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function isPlain(text: string): boolean {
  return /^[\w.:/@%+=-]+$/.test(text)
}

/** Inside a here-document these three mean something. */
function forHeredoc(text: string): string {
  return text.replace(/[\\$`]/g, '\\$&')
}
