import { quoted, type Syntax, writeGraph } from './graph-text.ts'
import type { SnippetFacts } from './index.ts'

const python: Syntax = {
  scalar(value) {
    if (value === null) return 'None'
    if (typeof value === 'boolean') return value ? 'True' : 'False'
    return typeof value === 'string' ? quoted(value) : String(value)
  },
  key: quoted,
}

/** ComfyUI's documented flow on the standard library: POST /prompt, /history until it is there, /view. */
export function pythonSnippet({ prompt, inputs, server, needsToken }: SnippetFacts): string {
  const nameOf = new Map(
    inputs.map(({ nodeId, input, name, isFile }) => [
      `${nodeId}.${input}`,
      isFile ? `upload(${name})` : name,
    ]),
  )
  const hasFiles = inputs.some(({ isFile }) => isFile)
  const graph = writeGraph(prompt, python, (nodeId, input) => nameOf.get(`${nodeId}.${input}`))
  const variables = inputs.map(({ name, value, label }) => `${name} = ${python.scalar(value)}  # ${label}`)
  const headers = needsToken ? '{"Authorization": "Bearer " + os.environ["RH_BRIDGE_TOKEN"]}' : '{}'
  const modules = [
    'json',
    ...(hasFiles || needsToken ? ['os'] : []),
    'sys',
    'time',
    'urllib.error',
    'urllib.parse',
    'urllib.request',
    ...(hasFiles ? ['uuid'] : []),
  ]
  return `# Python 3.8 or newer, nothing to install.
${modules.map(name => `import ${name}`).join('\n')}

${variables.length === 0 ? '' : `${variables.join('\n')}\n\n`}SERVER = ${quoted(server)}
HEADERS = ${headers}


def ask(path, body=None, headers={}):
    request = urllib.request.Request(SERVER + path, data=body, headers={**HEADERS, **headers})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(error.read().decode())

${hasFiles ? upload : ''}
graph = ${graph}

queued = json.loads(ask("/prompt", json.dumps({"prompt": graph}).encode(), {"Content-Type": "application/json"}))
run_id = queued["prompt_id"]
while True:
    result = json.loads(ask("/history/" + run_id)).get(run_id)
    if result:
        break
    time.sleep(0.5)

for output in result["outputs"].values():
    for item in [item for items in output.values() for item in items]:
        if isinstance(item, str):
            print(item)
        elif isinstance(item, dict) and item["type"] == "output":
            with open(item["filename"], "wb") as file:
                file.write(ask("/view?" + urllib.parse.urlencode({k: item[k] for k in ("filename", "subfolder", "type")})))
            print(item["filename"])

if result["status"]["status_str"] != "success":
    sys.exit(json.dumps(result["status"]["messages"][-1], indent=2, ensure_ascii=False))
`
}

const upload = `
def upload(path):
    """Brings a file of this machine to the server; a name the server has is left as it is."""
    if not os.path.isfile(path):
        return path
    boundary = uuid.uuid4().hex
    name = os.path.basename(path).replace('"', "")
    head = f'--{boundary}\\r\\nContent-Disposition: form-data; name="image"; filename="{name}"\\r\\n\\r\\n'
    with open(path, "rb") as file:
        body = head.encode() + file.read() + f"\\r\\n--{boundary}--\\r\\n".encode()
    kind = {"Content-Type": "multipart/form-data; boundary=" + boundary}
    return json.loads(ask("/upload/image", body, kind))["name"]

`
