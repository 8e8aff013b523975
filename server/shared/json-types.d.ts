// JSON source text access (ECMAScript stage 3, in Node 24), not yet in TypeScript's library.
interface JSON {
  rawJSON(text: string): unknown
}
