import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type CloudDescription, type CloudField, fieldKey, readPaste } from '../knowledge/index.ts'
import type { Bridge } from '../main.ts'
import { openContent } from '../runner/open-file.ts'
import { defaultBaseUrl } from '../runninghub/index.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { type AnswerFlags, answer, withSite } from './cloud-answer.ts'
import { addCloudListCommands } from './cloud-lists.ts'
import { printable } from './print.ts'
import { addRunOptions, type RunFlags, runSource } from './run.ts'
import { currentLanguage, word } from './words/index.ts'

type FieldsFlags = AnswerFlags & { app?: boolean; workflow?: boolean; refresh?: boolean }
type WebhookFlags = AnswerFlags & { retry?: boolean }

const what = 'a link to its page, its id, or a curl command of the site'

/** `cloud …`: a cloud workflow or AI app without a graph around it, and what there is of them. */
export function addCloudCommand(program: Command, done: (code: number) => void): void {
  const cloud = program.command('cloud').description('workflows and AI apps of RunningHub, without a graph')
  const ofKind = (command: Command) =>
    command
      .option('--app', 'the id is that of an AI app')
      .option('--workflow', 'the id is that of a workflow')
  ofKind(withSite(cloud.command('fields')))
    .description('what can be set, with its kind, bounds and options')
    .argument('<what>', what)
    .option('--refresh', 'ask the site again')
    .action(async (text: string, flags: FieldsFlags) => done(await fields(text, flags)))
  withSite(cloud.command('webhook'))
    .description('what became of the call RunningHub makes at the end of a task')
    .argument('<taskId>', 'from the task list of the site, or the report of a run')
    .option('--retry', 'have it call again')
    .action(async (taskId: string, flags: WebhookFlags) => done(await webhook(taskId, flags)))
  addCloudListCommands(cloud, done)
  ofKind(addRunOptions(cloud.command('run')))
    .description('run it with values: --set 6.text="a cat" --set 39.image=cat.png')
    .argument('<what>', what)
    .action(async (text: string, flags: RunFlags & FieldsFlags) =>
      done(
        await runSource(flags, async bridge => {
          const found = await find(bridge, text, flags)
          const sets: string[] = []
          for (const set of flags.set) sets.push(`${nodeId}.${await toInput(set, found, bridge)}`)
          const source = { content: writeJson(promptFor(found)), besides: process.cwd() }
          const opened = await openContent(bridge, source, { sets, adopt: true })
          return { name: found.name || found.id, opened }
        }),
      ),
    )
}

const fields = (text: string, flags: FieldsFlags) =>
  answer(flags, async bridge => {
    const found = await find(bridge, text, flags)
    return flags.json ? writeJson(found) : describe(found)
  })

const webhook = (taskId: string, flags: WebhookFlags) =>
  answer(flags, async bridge => {
    const how = { retry: flags.retry ?? false, signal: new AbortController().signal }
    const found = await bridge.webhookOfTask(taskId, how)
    if (flags.json) return writeJson(found)
    const { status, retries, response, url, updatedAt } = found
    const again = retries > 0 ? word('webhook.again', { times: retries }) : ''
    const lines = [word('webhook.state', { task: taskId, status, again, time: updatedAt }), `  ${url}`]
    if (response !== '') lines.push(word('webhook.answer', { text: response }))
    return lines.map(printable).join('\n')
  })

/** What a text points at, asked of the site or known already. Throws BridgeError when it points at nothing. */
async function find(bridge: Bridge, text: string, flags: FieldsFlags): Promise<CloudDescription> {
  const pasted = readPaste(text)
  const id = 'id' in pasted ? pasted.id : undefined
  if (id === undefined) {
    throw new BridgeError('That is no workflow and no AI app of RunningHub', {
      code: 'bad-paste',
      hint: `Give ${what}.`,
    })
  }
  bridge.state()
  const site = 'site' in pasted && pasted.site !== undefined ? pasted.site : ''
  const settings = { baseUrl: site, apiKey: '', targetId: '' }
  const how = { refresh: flags.refresh ?? false, signal: new AbortController().signal }
  const kind =
    flags.app || pasted.what === 'app'
      ? 'app'
      : flags.workflow || pasted.what === 'workflow'
        ? 'workflow'
        : undefined
  if (kind) return bridge.knowledge.describe({ settings, kind, id }, how)
  const found = await bridge.knowledge.find({ settings, id }, how)
  // An id the sandbox was never told about is anything; what is really known goes first.
  const [best] = [...found.filter(({ isOpen }) => !isOpen), ...found]
  if (!best) throw new BridgeError(`There is nothing under ${id}`, { code: 'cloud-380' })
  return best
}

const nodeId = '1'

/** The graph of one node; settings before it where the link leads to a site that is not the usual one. */
function promptFor({ kind, id, site, fields: all }: CloudDescription) {
  const chosen = all.map(({ nodeId: node, fieldName, kind: fieldKind, value }) => ({
    nodeId: node,
    fieldName,
    kind: fieldKind,
    value,
  }))
  const isOther = site.startsWith('https:') && site !== defaultBaseUrl
  return {
    [nodeId]: {
      class_type: kind === 'app' ? 'RHB_CloudApp' : 'RHB_CloudWorkflow',
      inputs: { target: id, fields: writeJson(chosen), ...(isOther && { apiConfig: ['2', 0] }) },
    },
    ...(isOther && {
      2: {
        class_type: 'RH_SettingsNode',
        inputs: { base_url: site, apiKey: '', workflowId_webappId: id },
      },
    }),
  }
}

/** `6.text=…` for the node's input of that name; a file is taken into the input folder. Throws BridgeError `bad-set` with the names there are. */
async function toInput(set: string, found: CloudDescription, bridge: Bridge): Promise<string> {
  const equals = set.indexOf('=')
  const name = set.slice(0, equals < 0 ? undefined : equals).trim()
  const value = set.slice(equals + 1)
  const field = found.fields.find(one => fieldKey(one) === name)
  if (equals < 1 || !(field || (found.isOpen && /^\d+(:\d+)*\./.test(name)))) {
    throw new BridgeError(`--set ${set.slice(0, 60)}: there is no field "${name}"`, {
      code: 'bad-set',
      hint: `Write NODE.FIELD=VALUE; the fields: ${found.fields.map(fieldKey).join(', ')}.`,
    })
  }
  const isFile = field && ['image', 'audio', 'video', 'file'].includes(field.kind) && existsSync(value)
  return `${name}=${isFile ? await bridge.assets.adopt(resolve(value)) : value}`
}

function describe(found: CloudDescription): string {
  const { id, site } = found
  const name = found.name === '' ? '' : ` "${printable(found.name)}"`
  const lines = [word(found.kind === 'app' ? 'cloud.app' : 'cloud.workflow', { id, name, site })]
  if (found.isProtected) lines.push(word('cloud.protected'))
  if (found.isOpen) lines.push(word('cloud.open'))
  if (found.fields.length === 0) lines.push(word('cloud.noFields'))
  const width = Math.max(0, ...found.fields.map(field => fieldKey(field).length))
  for (const field of found.fields) lines.push(`  ${fieldKey(field).padEnd(width)}  ${describeField(field)}`)
  lines.push(
    '',
    `rh-bridge cloud run ${found.id}${found.kind === 'app' ? ' --app' : ''} --set NODE.FIELD=VALUE`,
  )
  return `${lines.join('\n')}\n`
}

function describeField(field: CloudField): string {
  const [first, second] = currentLanguage() === 'zh' ? (['zh', 'en'] as const) : (['en', 'zh'] as const)
  const label = field.label[first] || field.label[second] || field.title
  const range =
    field.min !== undefined || field.max !== undefined
      ? ` ${word('range.to', { low: String(field.min ?? '…'), high: String(field.max ?? '…') })}`
      : ''
  const options =
    field.kind === 'options'
      ? ` (${field.options
          .slice(0, 8)
          .map(({ value, label }) =>
            label[first] === value || label[first] === '' ? value : `${value}: ${label[first]}`,
          )
          .join(', ')}${field.options.length > 8 ? ', …' : ''})`
      : ''
  const value = String(field.value).replace(/\s+/g, ' ')
  const shown = value.length > 40 ? `${value.slice(0, 39)}…` : value
  return printable(`${field.kind}${range}${options}  ${label}${shown === '' ? '' : `  [${shown}]`}`)
}
