// Fields edited in place: each is saved when it is left, guarded by the value that was seen, and can be taken back.
// A field is an `.input`; or a `[data-rows]`: rows of inputs that are one value together (e-mails, tags), sent as JSON.
import { ask, Refusal, word } from "./board-page.js";
import "./combobox.js";
import { carryOpen, show as showPicked } from "./picker.js";
import { rowsOf, valueOf } from "./rows.js";
import { toast } from "./toasts.js";

let queue = Promise.resolve();

const nameOf = (field) => field.dataset.rows ?? field.name;
const within = (section, name) => section?.querySelector(`[data-rows="${name}"], .input[name="${name}"]`);
/** What would bring back the value that was seen, as one would type it. */
const before = (field) => field.dataset.undo ?? (field.dataset.rows ? field.dataset.was : shownIn(field));

function shownIn(field) {
  if (!field.matches("select")) return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
}

/** One after the other: a second answer must not be built on fields that the first one hasn't changed yet. */
function save(input) {
  const field = rowsOf(input) ?? input;
  const sent = { post: field.closest("[data-fields]").dataset.post, name: nameOf(field), value: valueOf(field), undo: before(field) };
  if (field.dataset.rows && sent.value === field.dataset.was) return;
  field.classList.add("is-saving");
  queue = queue.then(() => send(field, sent)).catch(reportError);
}

async function send(field, { post, name, value, undo }) {
  // The fields may be read again, or another record opened, before the answer comes.
  const section = () => document.querySelector(`[data-fields][data-post="${post}"]`);
  const spot = () => within(section(), name);
  try {
    const content = await ask(post, { fields: { field: name, value, was: field.dataset.was } });
    // Had it been typed again meanwhile, what has just been taken is what was seen then. A record given away has no fields any more.
    const taken = within(content, name);
    if (taken) for (const each of [field, spot()]) if (each) each.dataset.was = taken.dataset.was;
    show(section(), content, { name, value });
    if (taken && section() && undo !== null) offer(post, { name, value: undo, was: taken.dataset.was });
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

const lineOf = (field) => field.closest("label, .field-line") ?? field;

/** Say that it is saved, with the way back; what others have changed since is not undone with it. */
function offer(post, { name, value, was }) {
  const section = () => document.querySelector(`[data-fields][data-post="${post}"]`);
  const undo = () => {
    const field = within(section(), name);
    if (!field) return;
    const guard = Object.assign(field.cloneNode(false), { className: field.className });
    guard.dataset.was = was;
    queue = queue.then(() => send(guard, { post, name, value, undo: null })).catch(reportError);
  };
  toast(word("saved"), { undo });
}

function mark(field, words) {
  field.classList.add("is-wrong");
  for (const input of field.dataset.rows ? field.querySelectorAll(".input") : [field]) {
    if (field === input || (input.matches("input") && input.value !== input.defaultValue)) input.setAttribute("aria-invalid", "true");
  }
  const place = lineOf(field);
  place.querySelector(".field-error")?.remove();
  const reason = Object.assign(document.createElement("small"), { className: "field-error", textContent: words });
  reason.setAttribute("role", "alert");
  place.append(reason);
}

/** A selector for what has the focus within, to find its like in what comes instead: a field, or a link beside one. */
function spotOf(section) {
  const active = document.activeElement;
  if (!section.contains(active)) return "";
  const picker = active.closest("[data-picker]")?.querySelector("input[name]").name;
  if (picker) return `[data-picker]:has([name="${picker}"]) ${active.value ? `[data-picker-option][value="${active.value}"]` : "summary"}`;
  const row = active.closest("[data-row]");
  // A row that was new has another name once it is kept: its place and part tell it.
  if (row && active.dataset.key !== undefined) {
    const rows = `[data-rows="${row.closest("[data-rows]").dataset.rows}"]`;
    const place = [...row.parentElement.children].indexOf(row) + 1;
    return `${rows} [data-row-list] > :nth-child(${place}) [data-key="${active.dataset.key}"]:not([type=hidden]), ${rows} [name="${active.name}"], ${rows} [data-row-add]`;
  }
  return active.name ? `[name="${active.name}"]` : active.matches("a[href]") ? `a[href="${active.getAttribute("href")}"]` : "";
}

function show(section, content, sent) {
  const fresh = content.firstElementChild;
  if (section) {
    const focused = spotOf(section);
    exchange(() => {
      carryOver(section, fresh, sent);
      carryOpen(section, fresh);
      section.replaceWith(fresh);
    });
    if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
    const title = fresh.querySelector("[name=title]")?.defaultValue;
    if (title) document.querySelectorAll("[data-deal-heading]").forEach((heading) => { heading.textContent = title; });
  }
  document.dispatchEvent(new CustomEvent("deal:edited", { detail: { elsewhere: !section, fields: fresh } }));
}

let isExchanging = false;

/** A field that is taken off its place while somebody types in it tells of a change and of being left: neither is true. */
function exchange(fields) {
  isExchanging = true;
  fields();
  isExchanging = false;
}

/** Fields that hold what the server hasn't taken (yet) keep it when they are read again; `sent` has just been answered. */
function carryOver(section, fresh, sent = null) {
  for (const field of section.querySelectorAll("[data-rows], .input:not([data-rows] *)")) {
    const inputs = field.dataset.rows ? [...field.querySelectorAll(".input")] : [field];
    const typed = inputs.filter((input) => input.matches("input") && input.value !== input.defaultValue);
    if (!typed.length && !field.matches(".is-wrong, .is-saving")) continue;
    const known = nameOf(field) === sent?.name;
    if (known && valueOf(field) === sent.value) continue;
    const again = within(fresh, nameOf(field));
    if (!again) continue;
    const reason = lineOf(field).querySelector(".field-error");
    if (!known) again.dataset.was = field.dataset.was; // what was seen when it was typed guards it
    const told = typed.filter((input) => known || !field.matches(".is-wrong, .is-saving"));
    carry(field, again);
    again.className = field.className;
    if (reason) mark(again, reason.textContent);
    // No change event will tell of these.
    for (const { name } of told) (again.dataset.rows ? again.querySelector(`[name="${name}"]`) : again).dataset.unsaved = "";
  }
  for (const warned of section.querySelectorAll("[data-warned]:has(*)")) {
    const { warned: name } = warned.dataset;
    const again = fresh.querySelector(`[data-warned="${name}"]`);
    if (again && name !== sent?.name) again.replaceChildren(...warned.children);
  }
  const mine = section.querySelector("[data-mine]");
  if (mine && mine.dataset.mineField !== sent?.name && !fresh.querySelector("[data-mine]")) fresh.prepend(mine.closest("[role=alert]"));
}

/** Rows that are still being written move over as they are. */
function carry(field, again) {
  if (!field.dataset.rows) {
    again.value = field.value;
    if (again.closest("[data-picker]")) showPicked(again.closest("[data-picker]"));
    return;
  }
  again.querySelector("[data-row-list]").replaceWith(field.querySelector("[data-row-list]"));
  for (const old of field.querySelectorAll(".input")) {
    const input = again.querySelector(`[name="${old.name}"]`);
    if (input) input.value = old.value;
  }
}

/** Take the fields that are on the page over into the same deal's fields that were read anew. */
export function keepFields(content) {
  for (const fresh of content.querySelectorAll("[data-fields]")) {
    const section = document.querySelector(`[data-fields][data-post="${fresh.dataset.post}"]`);
    if (section) exchange(() => carryOver(section, fresh));
  }
}

/** Whether somebody is in a field there, in this window or about to come back to it. */
export function isTyping(within) {
  const active = document.activeElement;
  return within.contains(active) && active.matches("input, textarea, select, [contenteditable]");
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
document.addEventListener("rows:changed", (event) => {
  if (event.target.closest("[data-fields]")) save(event.target);
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-fields] input");
  if (!field) return;
  if (event.key === "Escape" && field.value !== field.defaultValue) {
    event.stopPropagation(); // what was typed is taken back; what is around stays open
    event.preventDefault();
    field.value = field.defaultValue;
    delete field.dataset.unsaved;
    return;
  }
  if (event.key !== "Enter" || !("unsaved" in field.dataset)) return; // what was typed itself, the browser tells of
  delete field.dataset.unsaved;
  save(field);
}, true);
document.addEventListener("click", (event) => {
  const mine = event.target.closest?.("[data-mine]");
  if (!mine) return;
  const section = mine.closest("[data-fields]");
  const field = within(section, mine.dataset.mineField);
  const sent = { post: section.dataset.post, name: mine.dataset.mineField, value: mine.dataset.mine, undo: before(field) };
  if (!field.dataset.rows) field.value = sent.value;
  queue = queue.then(() => send(field, sent)).catch(reportError);
});
