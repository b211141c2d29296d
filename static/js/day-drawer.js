// A deal beside My day: opened by its line, kept in the address, closed by Esc or the browser's way back.
import { ask, complain } from "./board-page.js";
import "./deleting.js";
import { bringDraftsBack, putDraftsAside } from "./activities.js";
import { addressWith, asked, writeAddress } from "./drawer-address.js";
import { holdFocus } from "./focus-home.js";
import { tendDeal } from "./deal-room.js";
import { noteSight } from "./deal-seen.js";

const drawer = document.getElementById("drawer");
let open = null;
let turn = 0;
let home = null; // who had the focus before

const put = (content) => {
  drawer.replaceChildren(content);
  noteSight(drawer);
};
tendDeal(drawer, put);

export const isOpen = () => open !== null;

/** Show a deal, with the focus on it; `from` gets the focus back when it is closed. */
export async function openDeal(id, { from = document.activeElement, note = true, focus = true } = {}) {
  const mine = ++turn;
  try {
    const content = await ask(`/deals/${id}/`, { extra: { "X-Drawer": "1" } });
    if (mine !== turn) return;
    putDraftsAside(drawer);
    if (note) writeAddress(id, { isOpen: open !== null });
    open = String(id);
    home = from;
    put(content);
    bringDraftsBack(drawer);
    drawer.hidden = false;
    drawer.scrollTop = 0;
    window.htmx?.process(drawer);
    mark();
    if (focus) drawer.querySelector("[data-deal-heading]").focus({ preventScroll: true });
  } catch (refusal) {
    if (mine === turn) complain(refusal);
  }
}

/** The line of the open deal is marked, also after the list was read again. */
export function mark() {
  for (const line of document.querySelectorAll("[data-my-day] [data-reason]")) line.classList.toggle("is-open", open !== null && line.dataset.dealId === open);
}

export function shut() {
  if (history.state?.drawer) history.back();
  else {
    history.replaceState(null, "", addressWith(null));
    hide();
  }
}

function hide() {
  turn += 1;
  putDraftsAside(drawer);
  const within = drawer.contains(document.activeElement) || document.activeElement === document.body;
  const line = document.querySelector(`[data-my-day] [data-deal-id="${open}"]`);
  open = null;
  drawer.hidden = true;
  drawer.replaceChildren();
  mark();
  const target = !within ? document.activeElement : home?.isConnected ? home : line;
  target?.focus({ preventScroll: true });
  holdFocus(target);
}

window.addEventListener("popstate", () => {
  if (asked() === open) return;
  if (asked()) openDeal(asked(), { note: false });
  else hide();
});
drawer.addEventListener("click", (event) => {
  if (event.target.closest("[data-drawer-close]")) shut();
});
document.addEventListener("record:deleted", shut);
for (const happened of ["record:deleted", "record:restored"]) {
  document.addEventListener(happened, () => document.dispatchEvent(new CustomEvent("activity:changed")));
}
if (asked()) openDeal(asked(), { note: false, focus: false });
