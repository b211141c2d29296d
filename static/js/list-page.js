// What every part of a list's page needs: where it stands, and the way to another address without leaving the page.
import { headers } from "./server.js";
import { toast } from "./toasts.js";

export const list = () => document.querySelector("[data-list]");
export const word = (name, gaps = {}) =>
  (document.getElementById("list-words")?.dataset[name] ?? "").replace(/%(\w+)%/g, (whole, gap) => gaps[gap] ?? whole);

// The parts that change with the address; the sidebar too, where views are pinned.
const PARTS = ["#list-head", "#list", "#list-dialogs", ".side", ".bottombar", "#person-menu"];
let asking = null;

/** Say it to those who listen rather than look. */
export function say(text) {
  const region = document.querySelector("[data-list-say]");
  if (region) region.textContent = text;
}

/** An address of this list with some parameters changed; those set to null are dropped. */
export function addressWith(changes) {
  const query = new URLSearchParams(list().dataset.query);
  for (const [name, value] of Object.entries(changes)) value === null ? query.delete(name) : query.set(name, value);
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

/** Show another address of a list in this page; of several asked for in a row the last is shown. */
export async function go(address, { push = "push", focus = true } = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  let answer;
  try {
    answer = await fetch(address, { headers: headers(), credentials: "same-origin", signal });
    const text = await answer.text();
    if (signal.aborted) return;
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!answer.ok || !page.querySelector("#list") || !list()) return void location.assign(address);
    const place = focus ? placeOf(document.activeElement) : null;
    for (const part of PARTS) await swap(document.querySelector(part), page.querySelector(part));
    document.title = page.title;
    if (push === "push") history.pushState({ list: true }, "", address);
    else if (push === "replace") history.replaceState({ list: true }, "", address);
    if (place && !document.activeElement?.closest("#list, #list-head")) document.querySelector(place)?.focus({ preventScroll: true });
    say(word("found", { count: document.querySelector("[data-count]")?.textContent ?? "" }));
    document.dispatchEvent(new CustomEvent("voronka:list"));
  } catch (error) {
    if (error.name !== "AbortError") toast(word("failed"), { kind: "error" });
  }
}

// Only what differs is touched, so that the field that is being typed in keeps its cursor.
async function swap(old, fresh) {
  if (!old || !fresh) return;
  const field = document.activeElement?.matches?.("[data-search]") ? document.activeElement : null;
  const typed = field?.value;
  const open = old.id === "list-dialogs" && old.querySelector(":popover-open");
  if (open) open.hidePopover();
  try {
    await window.htmx.swap({ target: old, sourceElement: old, text: fresh.outerHTML, swap: "outerMorph" });
  } catch {
    old.replaceWith(fresh);
  }
  const now = document.querySelector("[data-search]");
  if (field && now) {
    if (document.activeElement !== now) now.focus({ preventScroll: true });
    if (now.value !== typed) now.value = typed;
  }
}

function placeOf(element) {
  if (!element?.closest("#list, #list-head, #list-dialogs")) return null;
  if (element.matches("[data-filter-edit], .filter-chip a, [data-filter-add]") || element.closest("dialog")) return "[data-filter-add]";
  if (element.matches(".sorter")) return "[aria-sort] .sorter";
  return "[data-rows] .lead a";
}

/** POST to an address that answers in JSON; says what came of it and goes where it leads. Resolves to an error in words, or to "". */
export async function act(address, fields, { stay = false } = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const answer = await fetch(address, { method: "POST", body, headers: { ...headers(), "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!answer) return word("failed");
  if (!answer.ok) return reasonOf(answer, await answer.text());
  const { text, url, undo, progress } = await answer.json();
  if (progress) return location.assign(progress) ?? "";
  await (url && !stay ? go(url) : again());
  toast(text, { undo: undo ? async () => { const wrong = await act(undo, {}); if (wrong) toast(wrong, { kind: "error" }); } : null });
  return "";
}

/** The same address once more. */
export const again = () => (list() ? go(location.pathname + location.search, { push: "" }) : location.reload());

function reasonOf(answer, text) {
  try {
    const told = JSON.parse(answer.headers.get("HX-Trigger") ?? "null")?.toast?.text;
    if (told) return told;
  } catch { /* no such header: look into the answer */ }
  const page = new DOMParser().parseFromString(text, "text/html");
  return [...page.querySelectorAll("[data-reason]")].map((item) => item.textContent.trim()).join(" ") || word("failed");
}
