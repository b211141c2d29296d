// The list of tasks: what is done leaves it, and it is walked with the keyboard like My day.
import { ask } from "./board-page.js";
import { letterOf } from "./keys.js";
import "./activities.js";
import "./planner.js";

const list = () => document.querySelector("[data-tasks]");
const lines = () => [...list().querySelectorAll(".task-line:not(.is-done)")];

async function readAgain() {
  const content = await ask(location.href, { extra: { "X-Part": "list" } }).catch(() => null);
  const fresh = content?.querySelector("[data-tasks]");
  if (!fresh) return;
  const held = list().contains(document.activeElement);
  const at = lines().indexOf(document.activeElement?.closest(".task-line"));
  const open = list().querySelector(".task-done")?.open;
  list().replaceWith(fresh);
  if (open && fresh.querySelector(".task-done")) fresh.querySelector(".task-done").open = true;
  settle();
  if (held) lines().at(Math.min(Math.max(at, 0), lines().length - 1))?.focus({ preventScroll: true });
}

/** The first line is in the tab order; the arrows walk the rest. */
function settle() {
  const [first] = lines();
  if (first) first.tabIndex = 0;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable], dialog, [popover]")) return;
  const letter = letterOf(event);
  const line = event.target.closest?.(".task-line");
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[letter] ?? { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && (line || event.target === document.body)) {
    const all = lines();
    (line ? all[all.indexOf(line) + step] : all[0])?.focus();
  } else if (line && event.key === "Enter" && event.target === line) line.querySelector(".step-title a").click();
  else if (line && letter && line.querySelector(`[data-key="${letter}"]`)) line.querySelector(`[data-key="${letter}"]`).click();
  else if (letter === "n") document.getElementById("task-title-own").focus();
  else return;
  event.preventDefault();
});

document.addEventListener("activity:changed", readAgain);
settle();
