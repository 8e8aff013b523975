import { Check, Copy } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { copyText } from '../app/files.ts'
import { IconButton } from './icon-button.tsx'

/** Copies a text, and shows for a moment that it did. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), 1_500)
    return () => clearTimeout(timer)
  }, [isDone])
  return (
    <IconButton
      icon={isDone ? Check : Copy}
      label={label}
      onClick={() => void copyText(text).then(() => setDone(true))}
    />
  )
}
