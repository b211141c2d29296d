// The deal that is open beside a page is kept in the page's address.

/** This page's address with that deal open, or with none. */
export function addressWith(id) {
  const address = new URL(location.href);
  if (id) address.searchParams.set("deal", id);
  else address.searchParams.delete("deal");
  return address;
}

/** The deal that the address asks for. */
export const asked = () => new URLSearchParams(location.search).get("deal")?.match(/^\d+$/)?.[0] ?? null;

/** Opening is a step forward in the history, so that “back” closes; going on from an open deal to another is none. */
export function writeAddress(id, { isOpen }) {
  const address = addressWith(id);
  if (address.href === location.href) return;
  if (isOpen) history.replaceState(history.state, "", address);
  else history.pushState({ drawer: true }, "", address);
}
