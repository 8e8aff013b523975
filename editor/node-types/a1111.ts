/** What A1111 writes into its pictures: the prompt, a line that starts `Negative prompt:`, and a last line of settings that starts `Steps:`. */
export function readA1111(parameters: string): { readonly prompt: string; readonly negative: string } {
  const text = parameters.replaceAll('\r\n', '\n')
  const end = text.lastIndexOf('\nSteps: ')
  const words = end >= 0 ? text.slice(0, end) : text.startsWith('Steps: ') ? '' : text
  const [prompt = '', ...negative] = words.split(/(?:^|\n)Negative prompt:/)
  return { prompt: prompt.trim(), negative: negative.join('\n').trim() }
}
