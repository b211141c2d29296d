// A list to put in order: dragged by its handles, or moved with buttons and Alt with the arrow keys.
//   <ul data-sorted data-words="%name%, place %place% of %count%"><li data-key data-name><span data-handle>…<button data-step="-1">
import { say } from "./list-page.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const made = new WeakSet();

export const keysOf = (within) => [...within.querySelectorAll(":scope > [data-key]")].map((item) => item.dataset.key);

/** Make the lists inside sortable; `after` hears of each change. */
export function makeSortable(within, after = () => {}) {
  for (const element of within.querySelectorAll("[data-sorted]")) {
    if (made.has(element) || !window.Sortable) continue;
    made.add(element);
    new window.Sortable(element, {
      handle: "[data-handle]", draggable: "[data-key]:not(.is-fixed)", filter: ".is-fixed", animation: calm ? 0 : 140, forceFallback: true, fallbackTolerance: 4,
      onMove: ({ related }) => !related.classList.contains("is-fixed"),
      onEnd: ({ item }) => settle(item, after),
    });
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) step(button.closest("[data-key]"), Number(button.dataset.step), button, after);
    });
    element.addEventListener("keydown", (event) => {
      const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const item = event.target.closest("[data-key]");
      if (!way || !event.altKey || !item) return;
      event.preventDefault();
      step(item, way, event.target, after);
    });
  }
}

function step(item, way, focused, after) {
  const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other || item.classList.contains("is-fixed") || other.classList.contains("is-fixed")) return;
  way < 0 ? other.before(item) : other.after(item);
  focused.focus();
  settle(item, after);
}

function settle(item, after) {
  const all = keysOf(item.parentElement);
  const gaps = { name: item.dataset.name, place: all.indexOf(item.dataset.key) + 1, count: all.length };
  say((item.parentElement.dataset.words ?? "").replace(/%(\w+)%/g, (whole, gap) => gaps[gap] ?? whole));
  after(item.parentElement);
}
