// The list of tasks: ticked off and put off where they stand, by a button or a key; whatever was changed, the list is read again.
import { go } from "./list-page.js";
import { letterOf } from "./keys.js";
import { undoLatest } from "./toasts.js";
import "./activities.js";
import "./planner.js";

const rows = () => [...document.querySelectorAll("[data-rows] [data-task]")];
let place = -1; // where the hand was last

document.addEventListener("focusin", (event) => { place = rows().indexOf(event.target.closest?.("[data-task]")); });

/** Whoever works by keyboard goes on with what took the place of what is gone. */
async function readAgain() {
  const spot = place;
  await go(location.pathname + location.search, { push: "", focus: false });
  if (spot < 0 || (document.activeElement !== document.body && !document.activeElement.closest("[data-task]"))) return;
  rows().at(Math.min(spot, rows().length - 1))?.querySelector(".lead a").focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented || event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover]")) return;
  const letter = letterOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (letter !== "z" || event.shiftKey || !undoLatest()) return;
  } else {
    const button = letter && event.target.closest?.("[data-task]")?.querySelector(`[data-key="${CSS.escape(letter)}"]`);
    if (button) button.click();
    else if (letter === "n") document.getElementById("task-title-own").focus();
    else return;
  }
  event.preventDefault();
});

document.addEventListener("activity:changed", readAgain);
document.addEventListener("voronka:told", readAgain);
