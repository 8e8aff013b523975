import { type Signal, signal } from '@preact/signals'
import type {
  Asset,
  BatchSummary,
  CloudDescription,
  Costs,
  Health,
  ImportReport,
  KeyChoice,
  KeyFacts,
  KeyList,
  Limits,
  Question,
  Registry,
  RunDetails,
  RunSummary,
  ShelfItem,
  Snippets,
  SocketState,
  StoredKey,
  UserFile,
} from '../api/index.ts'
import type { DroppedLink, FileRequest, KeyRequest, MenuTarget, PickRequest } from '../canvas/index.ts'
import type { CloudField, NodeType } from '../node-types/index.ts'
import type { History, Price, ResultItem, RunView } from '../state/index.ts'
import type { ThemeChoice } from '../theme/apply-theme.ts'

import type { BatchDraft, PlanState } from './batch-draft.ts'

export type PanelName = 'workflows' | 'nodes' | 'queue' | 'gallery' | 'problems' | 'costs' | 'settings'

/** One open workflow. `savedText` is what the server or the file has; a difference is unsaved work. */
export type OpenDocument = {
  readonly key: string
  readonly name: string
  /** Its name in the server's workflows folder, once saved there. */
  readonly path: string | undefined
  readonly history: History
  readonly savedText: string
  readonly view: { readonly scale: number; readonly offset: readonly [number, number] } | undefined
  /** When the server's copy was last seen to change. */
  readonly serverModified: number | undefined
  readonly promptId: string | undefined
  readonly isExample: boolean
  /** Came out of a file of the person's: changes of it are theirs to save. */
  readonly isFromFile: boolean
}

export type Problem = {
  readonly nodeId: string | undefined
  readonly nodeTitle: string
  readonly input: string | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly code: string
  /** Values of the node's inputs that would put it right. */
  readonly fix?: Readonly<Record<string, string | number | bigint | boolean>> | undefined
}

type Popup =
  | { readonly kind: 'options'; readonly request: PickRequest | FileRequest }
  | { readonly kind: 'keys'; readonly request: KeyRequest }
  | { readonly kind: 'menu'; readonly at: { x: number; y: number }; readonly target: MenuTarget }
  | { readonly kind: 'picture'; readonly item: ResultItem; readonly at: { x: number; y: number } }
  | { readonly kind: 'file-menu'; readonly at: { x: number; y: number } }
  | { readonly kind: 'run-menu'; readonly at: { x: number; y: number } }
  | {
      readonly kind: 'search'
      readonly at: { x: number; y: number }
      readonly place: readonly [number, number]
      readonly link: DroppedLink | undefined
      /** Only nodes that give something to see. */
      readonly onlyOutputs?: boolean
    }
  | { readonly kind: 'failure'; readonly nodeId: string; readonly at: { x: number; y: number } }

export type Dialog =
  | {
      readonly kind: 'ask'
      readonly text: string
      readonly yes: string
      readonly isDangerous?: boolean
      readonly answer: (yes: boolean) => void
    }
  | {
      readonly kind: 'prompt'
      readonly label: string
      readonly value: string
      readonly yes: string
      readonly isLong?: boolean
      readonly answer: (text: string | undefined) => void
    }
  | {
      readonly kind: 'report'
      readonly report: ImportReport
    }
  | {
      readonly kind: 'file-key'
      readonly name: string
      readonly keys: readonly FoundKey[]
      readonly answer: (choice: KeyChoice | undefined) => void
    }
  | ({ readonly kind: 'cloud' } & CloudFound)
  | { readonly kind: 'bring' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'examples' }
  | { readonly kind: 'snippets' }
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'unknown'; readonly seq: number }

/** What a pasted text stands for, the values that came with it, and where its nodes go. */
export type CloudFound = {
  readonly found: readonly CloudDescription[]
  readonly items: readonly Pick<CloudField, 'nodeId' | 'fieldName' | 'value'>[]
  /** The site of a pasted link. */
  readonly site?: string | undefined
  readonly at: readonly [number, number]
}

/** A key in a file, as far as it may be shown, and where it stands. */
export type FoundKey = { readonly lastFour: string; readonly nodeIds: readonly string[] }

/** What a graph can be copied as. */
export type SnippetLanguage = keyof Snippets
export const snippetLanguages: readonly SnippetLanguage[] = ['cli', 'curl', 'python', 'typescript']

export type HistoryWish = { readonly status: string; readonly kind: string; readonly text: string }

/** What the site says of the key in use, or why it says nothing. */
type Account = { readonly facts: KeyFacts } | { readonly problem: string }

export type Notice = {
  readonly text: string
  readonly tone: 'plain' | 'bad'
  readonly at: number
  /** What it is said of: once that is over, so is the notice. */
  readonly holds?: 'while-refused' | 'while-away'
}

export type Lightbox = { readonly items: readonly ResultItem[]; readonly at: number }

type RunEventLine = {
  readonly at: number
  readonly type: string
  readonly node: string
  readonly text: string
}

export type Store = ReturnType<typeof createStore>

/** Everything the page shows, as signals. Actions write it, panels read it. */
export function createStore() {
  return {
    connection: signal<SocketState>('connecting'),
    isReady: signal(false),
    health: signal<Health | undefined>(undefined),
    keys: signal<readonly StoredKey[]>([]),
    keyProtection: signal<KeyList['protection']>({ kind: 'none', isLocked: false }),
    examples: signal<readonly ShelfItem[]>([]),
    types: signal<ReadonlyMap<string, NodeType>>(new Map()),
    /** Types in the open graph that are not here because they compute with a model, as the last check said. */
    gpuTypes: signal<ReadonlySet<string>>(new Set()),
    documents: signal<readonly OpenDocument[]>([]),
    active: signal<string | undefined>(undefined),
    runs: signal<ReadonlyMap<string, RunView>>(new Map()),
    runEvents: signal<ReadonlyMap<string, readonly RunEventLine[]>>(new Map()),
    runList: signal<readonly RunSummary[]>([]),
    /** What the finished runs are narrowed to; empty texts narrow nothing. */
    historyWish: signal<HistoryWish>({ status: '', kind: '', text: '' }),
    foundRuns: signal<readonly RunSummary[] | undefined>(undefined),
    questions: signal<readonly Question[]>([]),
    account: signal<Account | undefined>(undefined),
    /** What the open graph will cost, as far as that is known. */
    price: signal<Price | undefined>(undefined),
    costs: signal<Costs | undefined>(undefined),
    limits: signal<Limits | undefined>(undefined),
    registries: signal<readonly Registry[]>([]),
    runDetails: signal<RunDetails | undefined>(undefined),
    results: signal<readonly Asset[]>([]),
    workflows: signal<readonly UserFile[]>([]),
    problems: signal<readonly Problem[]>([]),
    /** What may go wrong and holds up nothing. */
    warnings: signal<readonly Problem[]>([]),
    /** Somebody asked whether it runs: from then on problems are marked at their nodes too. */
    wasChecked: signal(false),
    /** The open graph as it would run, as the last check read it. */
    prompt: signal<unknown>(undefined),
    isBatchOpen: signal(false),
    /** All batches of the server, newest first. */
    batches: signal<readonly BatchSummary[]>([]),
    /** The batch that is looked at; none: the table of the open graph. */
    shownBatch: signal<string | undefined>(undefined),
    /** Tables that are being made, by the graph they are for. */
    batchDrafts: signal<ReadonlyMap<string, BatchDraft>>(new Map()),
    batchPlan: signal<PlanState | undefined>(undefined),
    /** Media on their way into rows. */
    batchUpload: signal<{ readonly done: number; readonly of: number } | undefined>(undefined),
    selected: signal<readonly string[]>([]),
    panel: signal<PanelName | undefined>(undefined),
    popup: signal<Popup | undefined>(undefined),
    dialog: signal<Dialog | undefined>(undefined),
    notice: signal<Notice | undefined>(undefined),
    toasts: signal<readonly (Notice & { id: number })[]>([]),
    lightbox: signal<Lightbox | undefined>(undefined),
    queueRemaining: signal(0),
    isDropping: signal(false),
    isFirstLineShown: signal(true),
    isEmpty: signal(false),
    isOpenElsewhere: signal(false),
    /** The titles of the subgraph nodes around what the canvas shows. */
    subgraphPath: signal<readonly string[]>([]),
    snapsToGrid: signal(false),
    theme: signal<ThemeChoice>('system'),
    snippetLanguage: signal<SnippetLanguage>('cli'),
    notifyShow: signal(false),
    notifySound: signal(false),
    /** Moves on while something runs, so that elapsed times do. */
    now: signal(Date.now()),
  } satisfies Record<string, Signal<unknown>>
}

export function activeDocument(store: Store): OpenDocument | undefined {
  return store.documents.value.find(({ key }) => key === store.active.value)
}

export function isUnsaved(document: OpenDocument): boolean {
  return document.history.present !== document.savedText
}

export function activeRun(store: Store): RunView | undefined {
  const id = activeDocument(store)?.promptId
  return id === undefined ? undefined : store.runs.value.get(id)
}
