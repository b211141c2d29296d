// The calendar: things are dragged to another time or day, by mouse or by a long press.
import { isPhone, letGo, move, view, whileHeld } from "./calendar-page.js";
import "./calendar-keys.js";
import "./calendar-new.js";

const LONG_PRESS = 350;
const SLACK = 5;
const EDGE = 60; // so near to the edge of the window the page scrolls under the finger
let drag = null;
let suppressed = false;
whileHeld(() => drag !== null);

/** Which time on the wall lies under a point, to the quarter of an hour; in a month and on a phone, which day. */
function timeAt(x, y) {
  const under = document.elementsFromPoint(x, y);
  const slot = under.find((element) => element.matches(".cal-slot"));
  if (slot) {
    const box = slot.getBoundingClientRect();
    const quarter = Math.min(3, Math.max(0, Math.floor((y - box.top) / box.height * 4)));
    return slot.dataset.wall.replace(/\d\d$/, String(quarter * 15).padStart(2, "0"));
  }
  return under.find((element) => element.matches(targets()))?.dataset.day ?? null;
}

const targets = () => (isPhone() ? ".cal-cell, .cal-day" : ".cal-cell");

function begin(item) {
  drag.on = true;
  drag.grabbed = drag.y - item.getBoundingClientRect().top;
  drag.from = scrollY;
  item.classList.add("is-dragged");
  item.setPointerCapture?.(drag.pointer);
}

function end(cancelled) {
  if (!drag) return;
  clearTimeout(drag.timer);
  const { item, on, to } = drag;
  drag = null;
  item.classList.remove("is-dragged");
  item.style.transform = "";
  document.querySelector(".is-target")?.classList.remove("is-target");
  const isMoved = on && !cancelled && to && to !== item.closest("[data-day]")?.dataset.day;
  if (!isMoved) letGo();
  if (!on) return;
  suppressed = true;
  setTimeout(() => { suppressed = false; });
  if (isMoved) move(item.dataset.move, { to });
}

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(".cal-item");
  if (!item || event.button) return;
  drag = { item, x: event.clientX, y: event.clientY, pointer: event.pointerId, on: false, to: null };
  if (event.pointerType !== "mouse") drag.timer = setTimeout(() => drag && begin(item), LONG_PRESS);
});
document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.on) {
    if (Math.hypot(dx, dy) < SLACK) return;
    if (event.pointerType !== "mouse") return end(true); // a finger that scrolls
    begin(drag.item);
  }
  if (isPhone()) scrollBy(0, event.clientY < EDGE ? -EDGE / 4 : event.clientY > innerHeight - 2 * EDGE ? EDGE / 4 : 0);
  drag.item.style.transform = `translate(${dx}px, ${dy + scrollY - drag.from}px)`;
  // The upper edge of what is dragged says when it begins; in a month, the pointer says which day.
  const inGrid = view() !== "month" && !isPhone();
  drag.to = timeAt(event.clientX, inGrid ? event.clientY - drag.grabbed + 1 : event.clientY);
  document.querySelector(".is-target")?.classList.remove("is-target");
  document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.matches(`.cal-slot, ${targets()}`))?.classList.add("is-target");
});
// Links would be dragged by the browser itself, also the slot under what is dragged.
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-calendar]")) event.preventDefault(); });
document.addEventListener("pointerup", () => end(false));
document.addEventListener("pointercancel", () => end(true));
document.addEventListener("touchmove", (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (drag?.on || (drag && isPhone())) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (suppressed && event.target.closest?.(".cal-item")) event.preventDefault();
}, true);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(true); });
