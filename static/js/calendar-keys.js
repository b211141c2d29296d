// The calendar by keyboard: M takes up what the focus is on, the arrows carry it, Enter puts it down, Escape takes it back.
// With Alt held, the arrows move it at once. N plans a meeting, J and K turn the pages, T leads to today.
import { calendar, isPhone, letGo, lookAt, move, QUARTER, readAgain, say, view, whileHeld } from "./calendar-page.js";
import { letterOf } from "./keys.js";
import { undoLatest } from "./toasts.js";

const MINUTE = 60_000;
const words = () => document.querySelector("[data-cal-say]").dataset;
const filled = (sentence, gaps) => sentence.replace(/%(\w+)%/g, (whole, gap) => gaps[gap] ?? whole);
let carried = null; // { item, from, to }: walls as instants in UTC, since only the calendar on the wall counts here
whileHeld(() => carried !== null);

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** How far an arrow carries it, in minutes and in days. */
function stepOf(key, item) {
  const [down, right] = STEPS[key] ?? [0, 0];
  if (view() === "month") return { minutes: 0, days: right + 7 * down };
  return { minutes: "wholeDay" in item.dataset ? 0 : 15 * down, days: right };
}

function take(item) {
  const from = new Date(`${item.dataset.wall}Z`);
  carried = { item, from, to: from, clock: item.querySelector(".cal-time").lastChild?.textContent };
  item.classList.add("is-carried");
  say(filled(words().taken, { title: titleOf(item), when: shownTime(item, from) }));
}

const titleOf = (item) => item.querySelector(".cal-what").textContent;

function shownTime(item, wall) {
  const parts = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  const clock = view() === "month" || "wholeDay" in item.dataset ? {} : { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...parts, ...clock, hourCycle: "h23" }).format(wall);
}

function carry({ minutes, days }) {
  carried.to = new Date(carried.to.getTime() + minutes * MINUTE + days * 24 * 60 * MINUTE);
  const { item, to } = carried;
  place(item, to);
  say(filled(words().carried, { title: titleOf(item), when: shownTime(item, to) }));
}

/** Draw it where it would be put down, as far as that day is in sight. */
function place(item, to) {
  if (isPhone()) return;
  const day = calendar().querySelector(`[data-day="${dayOf(to)}"]`);
  item.classList.toggle("is-elsewhere", !day);
  if (!day) return;
  const [here, there] = [item.closest("[data-day]").getBoundingClientRect(), day.getBoundingClientRect()];
  const minutes = (to.getTime() - carried.from.getTime()) / MINUTE - daysBetween(carried.from, to) * 24 * 60;
  const down = view() === "month" ? there.top - here.top : minutes / 15 * QUARTER;
  item.style.transform = `translate(${there.left - here.left}px, ${down}px)`;
  item.scrollIntoView({ block: "nearest" });
}

const dayOf = (wall) => wall.toISOString().slice(0, 10);
const daysBetween = (first, second) => (Date.parse(dayOf(second)) - Date.parse(dayOf(first))) / (24 * 60 * MINUTE);

function putDown(keep) {
  const { item, from, to } = carried;
  carried = null;
  item.classList.remove("is-carried", "is-elsewhere");
  item.style.transform = "";
  if (!keep || +to === +from) {
    say("");
    if (!keep) say(filled(words().back, { title: titleOf(item) }));
    setTimeout(() => { if (!carried) say(""); }, 2500);
    return letGo();
  }
  say("");
  if (!calendar().querySelector(`[data-day="${dayOf(to)}"]`)) lookAt(dayOf(to));
  const onlyDay = view() === "month" || "wholeDay" in item.dataset;
  move(item.dataset.move, { to: onlyDay ? dayOf(to) : to.toISOString().slice(0, 16) });
}

const doors = { n: "[data-new-meeting]", j: "[data-after]", k: "[data-before]", t: "[data-today]" };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.target.closest?.("input, textarea, select, dialog, [popover]")) return;
  const item = event.target.closest?.(".cal-item");
  const letter = letterOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (letter !== "z" || event.shiftKey || !undoLatest()) return;
  } else if (carried) {
    if (event.key === "Tab") return putDown(false);
    if (event.key === "Escape") putDown(false);
    else if (event.key === "Enter" || letter === "m") putDown(true);
    else if (STEPS[event.key]) carry(stepOf(event.key, carried.item));
    else return;
  } else if (item && event.altKey && STEPS[event.key]) {
    const { minutes, days } = stepOf(event.key, item);
    if (minutes || days) move(item.dataset.move, days ? { days } : { minutes });
  } else if (event.altKey) return;
  else if (item && letter === "m") take(item);
  else if (event.key === "?") document.getElementById("keys-dialog").showModal();
  else if (doors[letter]) document.querySelector(doors[letter]).click();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
document.addEventListener("pointerdown", () => { if (carried) putDown(false); }, true);
document.addEventListener("focusout", (event) => { if (carried && event.target === carried.item && event.relatedTarget) putDown(false); });
window.addEventListener("popstate", () => readAgain());
