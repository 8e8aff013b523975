/** The tab's title and icon carry the progress of the run. */
export function showShareInTab(
  share: number | undefined,
  hasFailed: boolean,
  name: string | undefined,
): void {
  const base = name ? `${name} · rh-bridge` : 'rh-bridge'
  document.title = share === undefined ? base : `${Math.round(share * 100)} % · ${base}`
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  if (!icon) return
  const around = 2 * Math.PI * 13
  const ring =
    share === undefined
      ? `<path d='M7 20h18M9 20c0-9 14-9 14 0' fill='none' stroke='#fff' stroke-width='3' stroke-linecap='round'/>`
      : `<circle cx='16' cy='16' r='13' fill='none' stroke='#fff' stroke-opacity='.3' stroke-width='4'/><circle cx='16' cy='16' r='13' fill='none' stroke='#fff' stroke-width='4' stroke-dasharray='${share * around} ${around}' transform='rotate(-90 16 16)'/>`
  const ground = hasFailed && share === undefined ? '#b3261e' : '#5a49e0'
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='${ground}'/>${ring}</svg>`
  const href = `data:image/svg+xml,${encodeURIComponent(svg)}`
  if (icon.href !== href) icon.href = href
}
