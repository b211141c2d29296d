// Fields of a deal edited in place: each is saved when it is left, guarded by the value that was seen.
import { ask, Refusal } from "./board-page.js";
import { carryOpen, show as showPicked } from "./picker.js";
import { toast } from "./toasts.js";

let queue = Promise.resolve();

/** One after the other: a second answer must not be built on fields that the first one hasn't changed yet. */
function save(field) {
  const { post } = field.closest("[data-fields]").dataset;
  const { name, value } = field;
  field.classList.add("is-saving");
  queue = queue.then(() => send(field, { post, name, value })).catch(reportError);
}

async function send(field, { post, name, value }) {
  // The fields may be read again, or another deal opened, before the answer comes.
  const section = () => document.querySelector(`[data-fields][data-post="${post}"]`);
  const spot = () => section()?.querySelector(`[name="${name}"]`);
  try {
    const content = await ask(post, { fields: { field: name, value, was: field.dataset.was } });
    // Had it been typed again meanwhile, what has just been taken is what was seen then. A deal given away has no fields any more.
    const taken = content.querySelector(`[name="${name}"]`);
    if (taken) for (const each of [field, spot()]) if (each) each.dataset.was = taken.dataset.was;
    show(section(), content, { name, value });
  } catch (refusal) {
    if (refusal.status === 412 && section() && refusal.content?.querySelector("[data-fields]")) return show(section(), refusal.content, { name, value });
    if (!(refusal instanceof Refusal)) throw refusal;
    // What was typed stays, marked, with the reason beside it.
    if (spot()) mark(spot(), refusal.message);
    else toast(refusal.message, { kind: "error" });
  } finally {
    spot()?.classList.remove("is-saving");
  }
}

const lineOf = (field) => field.closest("label, .field-line");

function mark(field, words) {
  field.classList.add("is-wrong");
  field.setAttribute("aria-invalid", "true");
  const label = lineOf(field);
  label.querySelector(".field-error")?.remove();
  const reason = Object.assign(document.createElement("small"), { className: "field-error", textContent: words });
  reason.setAttribute("role", "alert");
  label.append(reason);
}

/** A selector for what has the focus within, to find its like in what comes instead: a field, or a link beside one. */
function spotOf(section) {
  const active = document.activeElement;
  if (!section.contains(active)) return "";
  const picker = active.closest("[data-picker]")?.querySelector("input[name]").name;
  if (picker) return `[data-picker]:has([name="${picker}"]) ${active.value ? `[data-picker-option][value="${active.value}"]` : "summary"}`;
  return active.name ? `[name="${active.name}"]` : active.matches("a[href]") ? `a[href="${active.getAttribute("href")}"]` : "";
}

function show(section, content, sent) {
  const fresh = content.firstElementChild;
  if (section) {
    const focused = spotOf(section);
    carryOver(section, fresh, sent);
    carryOpen(section, fresh);
    exchange(section, fresh);
    if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
    const title = fresh.querySelector("[name=title]")?.defaultValue;
    if (title) document.querySelectorAll("[data-deal-heading]").forEach((heading) => { heading.textContent = title; });
  }
  document.dispatchEvent(new CustomEvent("deal:edited", { detail: { elsewhere: !section } }));
}

let isExchanging = false;

/** A field that is taken off the page while somebody types in it tells of a change and of being left: neither is true. */
function exchange(section, fresh) {
  isExchanging = true;
  section.replaceWith(fresh);
  isExchanging = false;
}

/** Fields that hold what the server hasn't taken (yet) keep it when they are read again; `sent` has just been answered. */
function carryOver(section, fresh, sent = null) {
  for (const old of section.querySelectorAll(".input")) {
    const typed = old.matches("input") && old.value !== old.defaultValue;
    if (!typed && !old.matches(".is-wrong, .is-saving")) continue;
    const again = fresh.querySelector(`[name="${old.name}"]`);
    if (!again || (old.name === sent?.name && old.value === sent.value)) continue;
    const known = old.name === sent?.name;
    again.value = old.value;
    if (again.closest("[data-picker]")) showPicked(again.closest("[data-picker]"));
    again.className = old.className;
    const reason = lineOf(old).querySelector(".field-error");
    if (old.ariaInvalid) mark(again, reason?.textContent ?? "");
    if (!known) again.dataset.was = old.dataset.was; // what was seen when it was typed guards it
    if (known || !old.matches(".is-wrong, .is-saving")) again.dataset.unsaved = ""; // no change event will tell of it
  }
  const mine = section.querySelector("[data-mine]");
  if (mine && mine.dataset.mineField !== sent?.name && !fresh.querySelector("[data-mine]")) fresh.prepend(mine.closest("[role=alert]"));
}

/** Take the fields that are on the page over into the same deal's fields that were read anew. */
export function keepFields(content) {
  for (const fresh of content.querySelectorAll("[data-fields]")) {
    const section = document.querySelector(`[data-fields][data-post="${fresh.dataset.post}"]`);
    if (section) carryOver(section, fresh);
  }
}

/** Whether somebody is in a field there, in this window or about to come back to it. */
export function isTyping(within) {
  const active = document.activeElement;
  return within.contains(active) && active.matches("input, textarea, select");
}

const waiting = new Set();

/** Do it now, or as soon as nobody is in a field there any more: nothing changes under the hands of who types. */
export function whenLeft(within, act) {
  if (!isTyping(within)) return act();
  if (waiting.has(act)) return;
  waiting.add(act);
  within.addEventListener("focusout", () => setTimeout(() => {
    waiting.delete(act);
    whenLeft(within, act);
  }), { once: true });
}

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-fields] .input");
  if (!field || isExchanging) return;
  delete field.dataset.unsaved;
  save(field);
});
document.addEventListener("focusout", (event) => {
  const field = event.target.closest?.("[data-unsaved]");
  if (!field || isExchanging) return;
  delete field.dataset.unsaved;
  save(field);
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-fields] input");
  if (!field || event.key !== "Enter" || !("unsaved" in field.dataset)) return; // what was typed itself, the browser tells of
  delete field.dataset.unsaved;
  save(field);
});
document.addEventListener("click", (event) => {
  const mine = event.target.closest?.("[data-mine]");
  if (!mine) return;
  const field = mine.closest("[data-fields]").querySelector(`[name="${mine.dataset.mineField}"]`);
  field.value = mine.dataset.mine;
  save(field);
});

let asked = 0;
document.addEventListener("input", async (event) => {
  const field = event.target.closest?.("[data-suggest]");
  if (!field || !field.value.trim()) return;
  const turn = ++asked;
  await new Promise((resolve) => setTimeout(resolve, 150));
  if (turn !== asked) return;
  const query = new URLSearchParams({ field: field.name, text: field.value });
  const { names } = await fetch(`${field.dataset.suggest}?${query}`).then((response) => response.json()).catch(() => ({ names: [] }));
  if (turn === asked) field.list?.replaceChildren(...names.map((name) => new Option(name, name)));
});
