// What every part of the board needs: its elements, its words, and the way to the server.
import { headers } from "./server.js";
import { toast } from "./toasts.js";

export const board = document.querySelector("[data-board]");
const words = document.getElementById("words");

/** A sentence of the page with its gaps filled: word("moved", { stage: "Offer" }). */
export function word(name, gaps = {}) {
  return (words?.dataset[name] ?? "").replace(/%(\w+)%/g, (whole, gap) => gaps[gap] ?? whole);
}

export const columns = () => [...board.querySelectorAll("[data-stage-id]")];
export const columnOf = (stage) => board.querySelector(`[data-stage-id="${stage}"]`);
export const listOf = (column) => column.querySelector(".cards");
export const cards = (within = board) => [...within.querySelectorAll("[data-deal-id]")];
export const cardOf = (id) => board.querySelector(`[data-deal-id="${id}"]`);
export const linkOf = (card) => card.querySelector(".ct");
export const titleOf = (card) => linkOf(card).textContent;
export const stageOf = (card) => card.closest("[data-stage-id]");
export const labelOf = (column) => column.querySelector("h2").textContent;

/** The id of the card right below this place, loaded or not; "" at the end of the column. */
export function idBelow(element) {
  let next = element.nextElementSibling;
  while (next && !next.dataset.dealId && !next.dataset.next) next = next.nextElementSibling;
  return next?.dataset.dealId ?? next?.dataset.next ?? "";
}

/** Put a card into a list above `next`; whoever is on it stays on it. */
export function putCard(card, list, next) {
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(card, next);
  focused?.focus({ preventScroll: true });
}

/** Say it to those who listen rather than look. */
export function say(text) {
  const region = document.querySelector("[data-say]");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

/** Say what went wrong; where signing in is the way out, offer it. */
export function complain(refusal) {
  const signIn = () => location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  toast(refusal.message, { kind: "error", ...(refusal.status === 401 ? { undo: signIn, undoLabel: word("signIn") } : {}) });
  say(refusal.message);
}

/** An answer that says no; `message` is what a person should read. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Ask the server for a fragment; resolves to its content, rejects with a Refusal in words. */
export async function ask(address, { fields = null, extra = {}, patience = 20_000 } = {}) {
  let response;
  try {
    response = await fetch(address, {
      method: fields ? "POST" : "GET",
      body: fields instanceof FormData && hasFiles(fields) ? fields : fields && new URLSearchParams(fields),
      headers: { ...headers(), "HX-Request": "true", ...extra },
      credentials: "same-origin",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Refusal(word("failed"), 0);
  }
  if (response.redirected && response.url.includes("/accounts/login/")) throw new Refusal(word("signedOut"), 401);
  const text = await response.text();
  const root = document.createElement("template");
  root.innerHTML = text;
  if (!response.ok) throw Object.assign(new Refusal(reasons(response, root.content), response.status), { content: root.content });
  return root.content;
}

const hasFiles = (form) => [...form.values()].some((value) => value instanceof File);

function reasons(response, content) {
  try {
    const told = JSON.parse(response.headers.get("HX-Trigger") ?? "null")?.toast?.text;
    if (told) return told;
  } catch { /* no such header: look into the answer */ }
  const listed = [...content.querySelectorAll("[data-reason]")].map((item) => item.textContent.trim());
  return listed.join(" ") || word("refused");
}

/** An address of this board with its filters. */
export function withFilters(address, more = {}) {
  const query = new URLSearchParams(board?.dataset.query ?? "");
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  const text = query.toString();
  return text ? `${address}?${text}` : address;
}
