/** A prefix for what is only looked at, with five random letters (ComfyUI: PreviewImage). */
export function temporaryPrefix(): string {
  const letters = Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26)))
  return `ComfyUI_temp_${letters.join('')}`
}
