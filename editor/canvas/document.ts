import { isObject, type Json, type JsonObject, setOwn } from '../api/index.ts'
import { mergeBack, normaliseWorkflow, placeholderType } from '../node-types/index.ts'
import type { CanvasContext, NodeType } from './context.ts'
import { allNodes } from './controls.ts'
import { defineNodeClass, EditorNode } from './editor-node.ts'
import { type LGraph, LiteGraph, type Subgraph, SubgraphNode, stripHeight, takeOver } from './lib.ts'
import { dressBorders } from './subgraph-borders.ts'

/** The graph as a file: opening, and saving so that what nobody touched is what the file said. */
export function createGraphDocument(context: CanvasContext, graph: LGraph) {
  let file: JsonObject = { nodes: [], links: [], groups: [], version: 0.4 }
  let before: JsonObject = {}
  const registered = new Map<string, NodeType>()
  /** Files that were read before they are opened. */
  let ahead = new WeakMap<JsonObject, JsonObject>()

  graph.events.addEventListener('subgraph-created', event => {
    const { subgraph } = event.detail
    registerSubgraph(graph, subgraph)
    dressBorders(context, subgraph)
  })

  function register(type: NodeType): void {
    registered.set(type.type, type)
    LiteGraph.registerNodeType(type.type, defineNodeClass(context, type) as never)
  }

  /** Types this server does not have stand as placeholders that keep all they hold. */
  function find(name: string): NodeType {
    const known = context.types.get(name)
    if (known) return known
    const placeholder = registered.get(name) ?? placeholderType(name)
    if (!registered.has(name)) register(placeholder)
    return placeholder
  }

  function raw(): JsonObject {
    for (const node of allNodes(graph)) if (node instanceof EditorNode) node.growSockets()
    // The borders of a subgraph are laid out when they are drawn: so that it makes no difference, here too.
    for (const { inputNode, outputNode } of graph.subgraphs.values()) {
      inputNode.arrange()
      outputNode.arrange()
    }
    const saved = (file.version === 1 ? graph.asSerialisable() : graph.serialize()) as unknown as JsonObject
    const nodes = saved.nodes as Json[]
    const clean = withoutFunctions({ ...saved, nodes: [] }) as JsonObject
    // Our own write themselves as plain values, in the order they stand in.
    clean.nodes = nodes.map((node, at) =>
      graph.nodes[at] instanceof EditorNode ? node : (withoutFunctions(node) as Json),
    )
    return clean
  }

  function read(source: JsonObject): JsonObject {
    const subgraphIds = new Set(subgraphsOf(source).map(subgraph => String(subgraph.id)))
    return normaliseWorkflow(source, name => (subgraphIds.has(name) ? undefined : find(name)))
  }

  return {
    registerTypes(): void {
      for (const type of context.types.values()) register(type)
      ahead = new WeakMap()
    },
    /** Does what can be done of opening a file while something else about it is waited for. */
    readAhead(source: JsonObject): void {
      ahead.set(source, read(source))
    },
    open(source: JsonObject): void {
      file = source
      const doc = ahead.get(source) ?? read(source)
      // The graph takes it over: another opening needs another.
      ahead.delete(source)
      if (file.version !== doc.version) file = { ...source }
      // The library lets go of the graph's own nodes only.
      for (const subgraph of graph.subgraphs.values()) {
        for (const node of subgraph.nodes) node.onRemoved?.()
      }
      context.isOpening = true
      try {
        takeOver(() => graph.configure(doc as never))
      } finally {
        context.isOpening = false
      }
      // Layout happens while drawing; it must be over before the first comparison.
      for (const node of allNodes(graph)) settle(node)
      before = raw()
    },
    save(): JsonObject {
      return mergeBack(file, before, raw()) as JsonObject
    },
    find,
  }
}

/** As high as its contents need; without this it would grow while it is drawn. */
export function settle(node: unknown): void {
  if (!(node instanceof EditorNode) || node.collapsed) return
  const [, height = 0] = node.computeSize()
  node.growTo(height)
}

function registerSubgraph(graph: LGraph, subgraph: Subgraph): void {
  class OpenedSubgraphNode extends SubgraphNode {
    static override title = subgraph.name
    static slot_start_y = stripHeight
    keptValues: Json | undefined
    constructor() {
      super(graph, subgraph, {
        id: -1,
        type: subgraph.id,
        pos: [0, 0],
        size: [220, 100],
        inputs: [],
        outputs: [],
        flags: {},
        order: 0,
        mode: 0,
        properties: {},
      } as never)
      // The library's is a sign of an icon font that is not here; ours is drawn with the title.
      this.title_buttons.length = 0
    }
    override configure(info: Parameters<SubgraphNode['configure']>[0]): void {
      const { widgets_values: values, ...rest } = info
      super.configure(rest as typeof info)
      this.keptValues = values as Json | undefined
    }
    override serialize(): ReturnType<SubgraphNode['serialize']> {
      this.serialize_widgets = false
      const saved = super.serialize()
      return this.keptValues === undefined
        ? saved
        : ({ ...saved, widgets_values: this.keptValues } as typeof saved)
    }
  }
  LiteGraph.registerNodeType(subgraph.id, OpenedSubgraphNode as never)
}

function subgraphsOf(source: JsonObject): JsonObject[] {
  const definitions = isObject(source.definitions) ? source.definitions : {}
  return Array.isArray(definitions.subgraphs) ? definitions.subgraphs.filter(isObject) : []
}

/** undefined and functions have no place in a file; typed arrays become lists. */
function withoutFunctions(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Float32Array)]
  if (Array.isArray(value)) return value.map(withoutFunctions)
  if (typeof value !== 'object' || value === null) return value
  const kept: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && typeof item !== 'function') setOwn(kept, key, withoutFunctions(item))
  }
  return kept
}
