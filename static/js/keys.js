/** The letter on the key, whatever the keyboard's layout: Russian «ь» is M. */
export function letterOf(event) {
  return /^Key[A-Z]$/.test(event.code) ? event.code.at(-1).toLowerCase() : event.key.toLowerCase();
}
