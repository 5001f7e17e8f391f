/** What the server tells the page in its JSON script tag; see settings in handler.go. */
export interface Config {
  stage: string
  style_nonce: string
}

/** Reads the configuration. Under the development server there is none: the placeholder is still in its place. */
export function readConfig(): Config {
  const none: Config = { stage: 'dev', style_nonce: '' }
  try {
    const raw = document.getElementById('herald-config')?.textContent ?? ''
    return { ...none, ...(JSON.parse(raw) as Partial<Config>) }
  } catch {
    return none
  }
}
