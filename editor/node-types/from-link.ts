/**
 * Whether the server is to say what a pasted text stands for: a RunningHub page's address, a bare id, a curl command of its API page, a
 * request body or a nodeInfoList. A graph that merely holds such words is a file.
 */
export function isCloudText(text: string): boolean {
  const clean = text.trim()
  if (clean.length > longest || /"class_type"|"nodes"\s*:/.test(clean)) return false
  if (/^\d{16,20}$/.test(clean)) return true
  if (/^[[{]/.test(clean)) return /"(nodeInfoList|webappId|workflowId|fieldName)"\s*:/.test(clean)
  if (/^curl\b/i.test(clean)) return true
  return isCloudLink(clean)
}

/** The address of a workflow, AI app or post: one with an id in it. */
export function isCloudLink(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname, pathname, hash, search } = new URL(text)
  return /^(?:www\.)?runninghub\.(cn|ai)$/.test(hostname) && /[/=]\d{16,20}\b/.test(pathname + search + hash)
}

const longest = 100_000
