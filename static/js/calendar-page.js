// What every part of the calendar needs: where it is, reading it again, and moving something.
import { ask } from "./board-page.js";
import { toast } from "./toasts.js";

export const calendar = () => document.querySelector("[data-calendar]");
export const view = () => calendar().dataset.view;
export const isPhone = () => matchMedia("(max-width: 767.98px)").matches;
export const QUARTER = 12; // how high a quarter of an hour is drawn

let held = () => false; // something is in the hand: what is read now would be torn out of it
let owed = false;
/** Have `isHeld()` say whether something is being dragged or carried. */
export const whileHeld = (isHeld) => { const before = held; held = () => before() || isHeld(); };

/** Say it to those who listen, and show it; nothing takes it away. */
export function say(text) {
  const region = document.querySelector("[data-cal-say]");
  region.textContent = text;
  region.classList.toggle("is-shown", Boolean(text));
}

/** Scroll a day to where work begins, or to what it was scrolled to before. */
export function settle(top = null) {
  const room = calendar().querySelector(".cal-days");
  if (room && !isPhone()) room.scrollTop = top ?? 7.5 * 4 * QUARTER;
}

export async function readAgain(focus = null) {
  const top = calendar().querySelector(".cal-days")?.scrollTop ?? null;
  const content = await ask(location.href, { extra: { "X-Part": "calendar" } }).catch(() => null);
  const fresh = content?.querySelector("[data-calendar]");
  if (!fresh) return;
  if (held()) {
    owed = true;
    return;
  }
  const on = focus ?? document.activeElement?.closest?.("[data-move]")?.dataset.move;
  calendar().replaceWith(fresh);
  settle(top);
  if (on) fresh.querySelector(`[data-move="${on}"]`)?.focus({ preventScroll: true });
}

/** The hand has let go: what it kept waiting is read now. */
export function letGo() {
  if (owed) readAgain();
  owed = false;
}

/** Another day is looked at, in the same view. */
export function lookAt(day) {
  const address = new URL(location.href);
  address.searchParams.set("day", day);
  history.replaceState(null, "", address);
}

/** Move something; the calendar is read again, and the focus stays on it. */
export async function move(address, fields) {
  try {
    const content = await ask(address, { fields });
    const told = content.querySelector("template[data-told]");
    toast(told.content.textContent.trim(), { undo: () => move(address, { back: told.dataset.fieldBack }) });
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
  }
  owed = false;
  await readAgain(address);
}

document.addEventListener("voronka:told", () => readAgain());
document.addEventListener("activity:changed", () => readAgain());
settle();
