// My day: what is done leaves the list, and what others change comes in, but never under what is being typed.
// All of it by keyboard: one line at a time is in the tab order, and a letter does what its buttons do.
import { ask } from "./board-page.js";
import { isOpen, mark, openDeal, shut } from "./day-drawer.js";
import { letterOf } from "./keys.js";
import { toast, undoLatest } from "./toasts.js";
import "./activities.js";
import "./planner.js";

const PAUSE = 3_000; // a busy board must not keep the list busy
const list = () => document.querySelector("[data-my-day]");
const lines = () => [...list().querySelectorAll("[data-reason]")];
const busy = () => document.hidden || list().querySelector("[data-typed]") || list().matches(":has(input:focus)") || document.querySelector(".menu:popover-open");
let last = 0;
let waiting = null;
let current = null;

async function readAgain() {
  clearTimeout(waiting);
  waiting = null;
  last = Date.now();
  const content = await ask(location.href, { extra: { "X-Part": "list" } }).catch(() => null);
  const fresh = content?.querySelector("[data-my-day]");
  if (!fresh) return;
  const held = list().contains(document.activeElement);
  const at = lines().indexOf(current);
  const { task, dealId, reason, message } = current?.dataset ?? {};
  list().replaceWith(fresh);
  // Whoever works it by keyboard stays on the line, or goes on with what took its place.
  const again = lines().find((line) => line.dataset.reason === reason && ["task", "dealId", "message"].every((name) => line.dataset[name] === { task, dealId, message }[name]));
  settle(again ?? lines().at(Math.min(Math.max(at, 0), lines().length - 1)));
  mark();
  if (held) current?.focus({ preventScroll: true });
}

function soon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    if (busy()) soon();
    else readAgain();
  }, Math.max(500, PAUSE - (Date.now() - last)));
}

function settle(line) {
  if (current && current !== line) current.tabIndex = -1;
  current = line ?? null;
  if (current) current.tabIndex = 0;
}

function walk(by) {
  const all = lines();
  const next = all[all.indexOf(current) + by];
  if (!next) return;
  settle(next);
  if (isOpen() && next.dataset.dealId) openDeal(next.dataset.dealId, { from: next, focus: false });
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** Open what the line is about: a deal beside the list, anybody else on their page. */
function show(line) {
  if (line.dataset.dealId) openDeal(line.dataset.dealId, { from: line });
  else line.querySelector("a[href]")?.click();
}

const press = (line, name) => line.querySelector(`[data-key="${name}"]`)?.click();
const doors = { d: "done", c: "call", n: "no-answer", t: "today", s: "tomorrow", w: "next-week", p: "plan", m: "meeting", a: "deal", e: "date" };

document.addEventListener("focusin", (event) => {
  const line = event.target.closest?.("[data-my-day] [data-reason]");
  if (line) settle(line);
});

list().parentElement.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-opens-deal]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  openDeal(link.dataset.opensDeal, { from: link.closest("[data-reason]") });
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented || event.target.closest?.("input, textarea, select, [contenteditable], dialog, [popover]")) {
    if (event.key === "Escape" && event.target.closest?.("#drawer")) event.target.blur();
    return;
  }
  const letter = letterOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (letter === "z" && !event.shiftKey && undoLatest()) event.preventDefault();
    return;
  }
  const within = event.target.closest?.("[data-my-day]") || event.target === document.body;
  const onLine = event.target === current;
  if (event.key === "Escape" && isOpen()) shut();
  else if (letter === "j" || (within && event.key === "ArrowDown")) document.activeElement === document.body && !isOpen() ? current?.focus() : walk(1);
  else if (letter === "k" || (within && event.key === "ArrowUp")) walk(-1);
  else if ((event.key === "Enter" && onLine) || (letter === "o" && current)) show(current);
  else if (event.key === "?") document.getElementById("keys-dialog").showModal();
  else if (within && current && doors[letter] && current.querySelector(`[data-key="${doors[letter]}"]`)) press(current, doors[letter]);
  else if (within && current && doors[letter] && !event.shiftKey) toast(document.getElementById("day-words").dataset.nothing, { kind: "info", life: 3000 });
  else return;
  event.preventDefault();
});

// The menu of a line has the doors that its buttons have no room for.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-day-menu]");
  if (opener) {
    settle(opener.closest("[data-reason]"));
    for (const item of document.querySelectorAll("[data-presses]")) item.hidden = !current.querySelector(`[data-key="${item.dataset.presses}"]`);
  }
  const item = event.target.closest?.("[data-presses]");
  if (item) {
    item.closest("[popover]").hidePopover();
    press(current, item.dataset.presses);
  }
}, true);

// A deal that was begun from a line opens beside the list.
document.addEventListener("deal:made", (event) => {
  event.preventDefault();
  toast(event.detail.words);
  openDeal(event.detail.id, { from: current });
});

document.addEventListener("activity:changed", readAgain);
document.addEventListener("voronka:changed", soon);
document.addEventListener("voronka:told", soon); // a new inquiry, perhaps
settle(lines()[0]);
