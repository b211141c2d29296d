// The calendar: things are dragged to another time or day, by mouse, by a long press, or by Alt and the arrow keys.
import { ask } from "./board-page.js";
import { toast } from "./toasts.js";

const LONG_PRESS = 350;
const SLACK = 5;
const calendar = () => document.querySelector("[data-calendar]");
let drag = null;
let suppressed = false;
let owed = false; // something changed under the hand; it is read when the hand lets go

const isPhone = () => matchMedia("(max-width: 767.98px)").matches;

/** Scroll a day to where work begins, or to what it was scrolled to before. */
function settle(top = null) {
  const room = calendar().querySelector(".cal-days");
  if (!room || isPhone()) return;
  room.scrollTop = top ?? 7.5 * 4 * 12;
}

async function readAgain(focus) {
  const top = calendar().querySelector(".cal-days")?.scrollTop ?? null;
  const content = await ask(location.href, { extra: { "X-Part": "calendar" } }).catch(() => null);
  const fresh = content?.querySelector("[data-calendar]");
  if (!fresh) return;
  if (drag) {
    owed = true;
    return;
  }
  calendar().replaceWith(fresh);
  settle(top);
  if (focus) fresh.querySelector(`[data-move="${focus}"]`)?.focus({ preventScroll: true });
}

async function move(address, fields, focus = address) {
  try {
    const content = await ask(address, { fields });
    const told = content.querySelector("template[data-told]");
    toast(told.content.textContent.trim(), { undo: () => move(address, { back: told.dataset.fieldBack }) });
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
  }
  await readAgain(focus);
}

/** Which time on the wall lies under a point, to the quarter of an hour; in a month, which day. */
function timeAt(x, y) {
  const under = document.elementsFromPoint(x, y);
  const slot = under.find((element) => element.matches(".cal-slot"));
  if (slot) {
    const box = slot.getBoundingClientRect();
    const quarter = Math.min(3, Math.max(0, Math.floor((y - box.top) / box.height * 4)));
    return slot.dataset.wall.replace(/\d\d$/, String(quarter * 15).padStart(2, "0"));
  }
  return under.find((element) => element.matches(".cal-cell"))?.dataset.day ?? null;
}

function begin(item, event) {
  drag.on = true;
  drag.grabbed = drag.y - item.getBoundingClientRect().top;
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
  const isMoved = on && !cancelled && to;
  if (owed && !isMoved) readAgain();
  owed = false;
  if (!on) return;
  suppressed = true;
  setTimeout(() => { suppressed = false; });
  if (isMoved) move(item.dataset.move, { to });
}

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(".cal-item");
  if (!item || event.button || isPhone()) return;
  drag = { item, x: event.clientX, y: event.clientY, pointer: event.pointerId, on: false, to: null };
  if (event.pointerType !== "mouse") drag.timer = setTimeout(() => drag && begin(item, event), LONG_PRESS);
});
document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.on) {
    if (Math.hypot(dx, dy) < SLACK) return;
    if (event.pointerType !== "mouse") return end(true); // a finger that scrolls
    begin(drag.item, event);
  }
  drag.item.style.transform = `translate(${dx}px, ${dy}px)`;
  // The upper edge of what is dragged says when it begins; in a month, the pointer says which day.
  const inGrid = calendar().dataset.view !== "month";
  drag.to = timeAt(event.clientX, inGrid ? event.clientY - drag.grabbed + 1 : event.clientY);
  document.querySelector(".is-target")?.classList.remove("is-target");
  document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.matches(".cal-slot, .cal-cell"))?.classList.add("is-target");
});
// Links would be dragged by the browser itself, also the slot under what is dragged.
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-calendar]")) event.preventDefault(); });
document.addEventListener("pointerup", () => end(false));
document.addEventListener("pointercancel", () => end(true));
document.addEventListener("touchmove", (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (drag?.on) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (suppressed && event.target.closest?.(".cal-item")) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) return end(true);
  const item = event.target.closest?.(".cal-item");
  if (!item || !event.altKey) return;
  const inMonth = calendar().dataset.view === "month";
  const fields = {
    ArrowUp: inMonth ? { days: -7 } : { minutes: -15 },
    ArrowDown: inMonth ? { days: 7 } : { minutes: 15 },
    ArrowLeft: { days: -1 },
    ArrowRight: { days: 1 },
  }[event.key];
  if (!fields) return;
  event.preventDefault();
  move(item.dataset.move, fields);
});

document.addEventListener("voronka:told", () => { if (!drag) readAgain(document.activeElement?.dataset?.move); });
settle();
