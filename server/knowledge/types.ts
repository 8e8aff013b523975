/** What is known of a cloud workflow or AI app: its fields as people can fill them in, without asking the site again. */

/** A word in the languages the site gives; the English one may be missing there. */
export type Label = { readonly en: string; readonly zh: string }

/** How a field is filled in. Whatever is not understood is `text`: that always works. */
export type FieldKind =
  | 'text'
  | 'int'
  | 'float'
  | 'seed'
  | 'toggle'
  | 'options'
  | 'image'
  | 'audio'
  | 'video'
  | 'file'
  | 'lora'

/** One value that can be sent in nodeInfoList. */
export type CloudField = {
  /** Key of the graph, `57:8` inside subgraphs. */
  readonly nodeId: string
  readonly fieldName: string
  readonly classType: string
  /** The node's title, its class where it has none. */
  readonly title: string
  /** What the app's author calls the field; empty texts where nobody named it. */
  readonly label: Label
  readonly kind: FieldKind
  readonly multiline: boolean
  /** As saved on the site, in its own type (AI apps: always text). */
  readonly value: string | number | bigint | boolean
  /** For `options`: what is sent, and what people read. */
  readonly options: readonly { readonly value: string; readonly label: Label }[]
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step?: number
}

export type CloudDescription = {
  readonly kind: 'workflow' | 'app'
  readonly id: string
  /** The site it lives on, or `sandbox`. */
  readonly site: string
  /** Empty where the site gives none. */
  readonly name: string
  readonly cover?: string
  /** Asks for a password of its own. */
  readonly isProtected: boolean
  /** The sandbox stands in for an id it was never told about: any node and field will do. */
  readonly isOpen: boolean
  readonly fields: readonly CloudField[]
  /** Inputs that are fed by another node: sending a value for them is refused. `6.text` -> the node that feeds it. */
  readonly links: Readonly<Record<string, string>>
  /** Every node of the graph with its title; an AI app tells only those with fields. */
  readonly nodes: Readonly<Record<string, { readonly classType: string; readonly title: string }>>
  /** Milliseconds since 1970. */
  readonly fetchedAt: number
}

/** The name of a field in one word, as inputs and `--set` spell it. */
export function fieldKey(field: { readonly nodeId: string; readonly fieldName: string }): string {
  return `${field.nodeId}.${field.fieldName}`
}
