/** A sentence in which addresses can be pressed. */
export function LinkedText({ text }: { text: string }) {
  return text.split(/(https?:\/\/[^\s，。）)]+)/).map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <a key={part} class="link-button breaking" href={part} target="_blank" rel="noreferrer">
        {part.replace(/^https?:\/\/(www\.)?/, '')}
      </a>
    ),
  )
}
