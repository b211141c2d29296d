// A meeting is planned where there is room: an empty hour is clicked, a span is drawn, a day of the month is clicked.
import { isPhone, view } from "./calendar-page.js";
import { plan } from "./planner.js";

const page = () => document.querySelector("[data-new-meeting]").href;
let span = null; // { grid, from, to }: quarters from the beginning of the day

const address = (starts, ends = "") => `${page()}?${new URLSearchParams({ starts: starts.replace("T", " "), ...(ends ? { ends: ends.replace("T", " ") } : {}) })}`;

/** The slot and the quarter of it that lie under a point of a day. */
function quarterAt(grid, y) {
  const slots = [...grid.querySelectorAll(".cal-slot")];
  const slot = slots.findLast((one) => one.getBoundingClientRect().top <= y) ?? slots[0];
  const box = slot.getBoundingClientRect();
  const quarter = Math.min(3, Math.max(0, Math.floor((y - box.top) / box.height * 4)));
  return { row: Number(slot.dataset.row) + quarter, wall: slot.dataset.wall.replace(/\d\d$/, String(quarter * 15).padStart(2, "0")) };
}

/** A quarter of an hour later on the wall. */
const later = (wall) => new Date(Date.parse(`${wall}Z`) + 15 * 60_000).toISOString().slice(0, 16);

function draw() {
  const [first, last] = [span.from, span.to].sort((a, b) => a.row - b.row);
  span.mark ??= span.grid.appendChild(Object.assign(document.createElement("div"), { ariaHidden: "true" }));
  span.mark.className = `cal-draft r${first.row} s${last.row - first.row + 1}`;
  span.mark.textContent = `${first.wall.slice(11)}–${later(last.wall).slice(11)}`;
}

function drop() {
  span?.mark?.remove();
  span = null;
}

document.addEventListener("pointerdown", (event) => {
  const slot = event.target.closest?.(".cal-slot");
  if (!slot || event.button || event.pointerType !== "mouse" || event.ctrlKey || event.metaKey) return;
  const grid = slot.closest(".cal-grid");
  span = { grid, y: event.clientY, from: quarterAt(grid, event.clientY), on: false };
});
document.addEventListener("pointermove", (event) => {
  if (!span || (!span.on && Math.abs(event.clientY - span.y) < 5)) return;
  span.on = true;
  span.to = quarterAt(span.grid, event.clientY);
  draw();
});
document.addEventListener("pointerup", () => {
  if (!span?.on) return;
  const [first, last] = [span.from, span.to].sort((a, b) => a.row - b.row);
  drop();
  drawn = true;
  setTimeout(() => { drawn = false; });
  plan(address(first.wall, later(last.wall)));
});
document.addEventListener("pointercancel", drop);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(); });

let drawn = false;
document.addEventListener("click", (event) => {
  const slot = event.target.closest?.(".cal-slot");
  const cell = event.target.matches?.(".cal-cell") ? event.target : null;
  if ((!slot && !cell) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const from = span?.from.wall;
  span = null;
  if (drawn) return;
  if (slot) plan(address(from ?? slot.dataset.wall));
  else if (isPhone() && view() === "month") cell.querySelector(".cal-number").click();
  else plan(address(`${cell.dataset.day}T10:00`));
});
