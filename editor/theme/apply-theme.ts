export type ThemeChoice = 'system' | 'dark' | 'light'

/** Puts the chosen theme onto the page and keeps following the system where that is the choice. Calls back after each change. */
export function createThemes(onChange: () => void): { choose(choice: ThemeChoice): void } {
  const system = matchMedia('(prefers-color-scheme: light)')
  let chosen: ThemeChoice = 'system'
  function apply(): void {
    const theme = chosen === 'system' ? (system.matches ? 'light' : 'dark') : chosen
    document.documentElement.dataset.theme = theme
    onChange()
  }
  system.addEventListener('change', apply)
  return {
    choose(choice) {
      chosen = choice
      apply()
    },
  }
}
