// Keys of the writing bar: N writes a note, C logs a call, Shift+C says that nobody answered, M plans a meeting. On the board they work
// within the drawer, since N and M mean something else there.
import { openTab } from "./write-tabs.js";

const letterOf = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code.at(-1).toLowerCase() : event.key.toLowerCase());

// First of all listeners, so that the board does not take what was meant for the drawer.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, textarea, select, dialog, [popover], [contenteditable]")) return;
  const drawer = document.getElementById("drawer");
  const room = drawer ? event.target.closest?.("#drawer") : document;
  const bar = room?.querySelector("[data-write]");
  const letter = letterOf(event);
  if (!bar || !["n", "c", "m"].includes(letter) || (letter !== "c" && event.shiftKey)) return;
  if (letter === "m") room.querySelector("[data-activities] [data-plan]").click();
  else if (event.shiftKey) bar.querySelector("[data-no-answer]").click();
  else openTab(bar, letter === "n" ? "note" : "call");
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
