/** Asks for files; nothing happens when the person thinks better of it. */
export function pickFiles(accept: string, take: (files: readonly File[]) => Promise<void>): void {
  ask(take, input => {
    input.accept = accept
  })
}

/** Asks for a folder: all files in it, in the order of their names. */
export function pickFolder(take: (files: readonly File[]) => Promise<void>): void {
  ask(take, input => {
    input.webkitdirectory = true
  })
}

function ask(
  take: (files: readonly File[]) => Promise<void>,
  dress: (input: HTMLInputElement) => void,
): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  dress(input)
  input.addEventListener('change', () => void take(inOrder([...(input.files ?? [])])))
  input.click()
}

/** What was dropped, with what lies in dropped folders. */
export async function filesIn(transfer: DataTransfer): Promise<File[]> {
  // Entries are gone once the event is over: all are taken before the first is waited for.
  const entries = [...transfer.items].flatMap(item => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...transfer.files]
  return (await Promise.all(entries.map(filesOf))).flat()
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) break
    all.push(...some)
  }
  return inOrder((await Promise.all(all.map(filesOf))).flat())
}

const byName = new Intl.Collator(undefined, { numeric: true })

function inOrder(files: File[]): File[] {
  return files.toSorted((a, b) =>
    byName.compare(a.webkitRelativePath || a.name, b.webkitRelativePath || b.name),
  )
}
