// The deal beside the board: opened by a card, kept in the address, closed by Esc or the browser's way back.
import { ask, board, cardOf, cards, columnOf, complain, linkOf, stageOf } from "./board-page.js";
import { loadMore, reread } from "./board-columns.js";
import { addressWith, asked, writeAddress } from "./drawer-address.js";
import { holdFocus } from "./focus-home.js";
import { listenTo } from "./live.js";
import { letterOf } from "./keys.js";
import { close, moveTo, reopen } from "./board-moves.js";
import "./deleting.js";
import { bringDraftsBack, putDraftsAside } from "./activities.js";
import { isTyping, keepFields, whenLeft } from "./fields.js";
import { noteSight } from "./deal-seen.js";
import "./planner.js";

const drawer = document.getElementById("drawer");
const shown = () => drawer.querySelector("[data-deal]");
let open = null;
let aim = null; // the deal that is being fetched, else the open one: who presses J twice goes two on
let turn = 0;
let reading = 0; // the turn whose answer is awaited
let home = null; // where the focus belongs after the drawer
let leaving = null; // a step back in the history that is under way

/** Show a deal; `focus` moves the reader there, `note` writes it into the address. */
export async function openDeal(id, { focus = true, note = true } = {}) {
  const mine = ++turn;
  reading = mine;
  aim = String(id);
  try {
    const content = await ask(`/deals/${id}/`, { extra: { "X-Drawer": "1" } });
    if (mine !== turn) return;
    if (!focus && open === String(id) && isTyping(drawer)) return void again();
    const spot = open === String(id) ? drawer.scrollTop : 0;
    if (note) await remember(id);
    if (mine !== turn) return;
    const held = drawer.contains(document.activeElement);
    putDraftsAside(drawer);
    open = String(id);
    keepFields(content);
    drawer.replaceChildren(content);
    bringDraftsBack(drawer);
    drawer.hidden = false;
    listenTo(`deal-${open}`, Number(shown().dataset.readAt));
    window.htmx?.process(drawer);
    drawer.scrollTop = spot;
    markOpen();
    noteSight(drawer);
    if (focus || held) drawer.querySelector("[data-deal-heading]").focus({ preventScroll: true });
    if (focus) cardOf(open)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  } catch (refusal) {
    if (mine !== turn) return;
    aim = open;
    if (refusal.status === 404 && open === String(id)) shut();
    if (focus || refusal.status === 404) complain(refusal);
  } finally {
    if (mine === reading) reading = 0;
  }
}

function hide() {
  const card = open && cardOf(open);
  const within = drawer.contains(document.activeElement) || document.activeElement === document.body;
  turn += 1;
  open = aim = null;
  drawer.hidden = true;
  listenTo(null);
  putDraftsAside(drawer);
  drawer.replaceChildren();
  markOpen();
  if (!within) return;
  const target = card ? linkOf(card) : board.querySelector('.ct[tabindex="0"]');
  target?.focus({ preventScroll: true });
  home = target;
}

function goHome() {
  holdFocus(home);
  home = null;
}

function shut() {
  hide();
  if (history.state?.drawer) {
    leaving = new Promise((resolve) => window.addEventListener("popstate", resolve, { once: true }));
    history.back();
  } else {
    history.replaceState(null, "", addressWith(null));
  }
}

/** Note it once a step back that is under way has been taken. */
async function remember(id) {
  await leaving;
  leaving = null;
  document.dispatchEvent(new CustomEvent("record:opened", { detail: `deal:${id}` }));
  writeAddress(id, { isOpen: open !== null });
}

window.addEventListener("popstate", () => {
  if (asked() !== open) {
    if (asked()) return openDeal(asked(), { note: false });
    hide();
  }
  goHome();
});

function markOpen() {
  board.querySelectorAll(".is-open").forEach((card) => card.classList.remove("is-open"));
  if (open) cardOf(open)?.classList.add("is-open");
}

/** Along the board; a deal that isn't on it goes on to its neighbours in the column. */
async function step(by) {
  const card = cardOf(aim);
  if (by > 0 && card && card === cards(stageOf(card)).at(-1)) await loadMore(stageOf(card));
  const all = cards();
  const here = all.findIndex((one) => one.dataset.dealId === aim);
  const next = here < 0 ? shown()?.dataset[by > 0 ? "next" : "previous"] : all[here + by]?.dataset.dealId;
  if (next) openDeal(next);
}

drawer.addEventListener("click", async (event) => {
  const deal = shown();
  const button = event.target.closest("button");
  if (!button || !deal) return;
  const id = deal.dataset.deal;
  if (button.matches("[data-drawer-close]")) shut();
  else if (button.dataset.drawerStep) step(Number(button.dataset.drawerStep));
  else if (button.dataset.outcome === "reopened") await reopen(id, deal.dataset.version);
  else if (button.dataset.outcome) await close(id, button.dataset.outcome, { version: deal.dataset.version });
  else if (button.dataset.moveTo) await moveFromPath(id, button.dataset.moveTo);
});

async function moveFromPath(id, stage) {
  const [card, column] = [cardOf(id), columnOf(stage)];
  if (card && column) return moveTo([card], column, cards(column)[0]?.dataset.dealId ?? "");
  try { // not among the cards that are loaded, or hidden by the filters
    await ask(`/deals/${id}/moves/`, { fields: { stage, version: shown().dataset.version } });
  } catch (refusal) {
    complain(refusal);
  }
  reread([shown().dataset.stage, stage]);
  openDeal(id, { focus: false });
}

document.addEventListener("keydown", (event) => {
  if (!aim || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("dialog, [popover]")) return;
  const typing = event.target.closest?.("input:not(.pick), textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (typing && drawer.contains(typing)) drawer.querySelector("[data-deal-heading]").focus();
    else shut();
  } else if (!typing && letterOf(event) === "j") step(1);
  else if (!typing && letterOf(event) === "k") step(-1);
  else return;
  event.preventDefault();
});

// Who is on the way to another deal gets there all the same.
const readAgain = () => { if (open) openDeal(aim, aim === open ? { focus: false, note: false } : {}); };
const again = () => whenLeft(drawer, readAgain);
document.addEventListener("board:moved", again);
document.addEventListener("board:closed", again);
document.addEventListener("board:fitted", markOpen);
document.addEventListener("deal:edited", ({ detail }) => {
  const stage = shown()?.dataset.stage;
  if (detail?.elsewhere) reread(); // another deal is open by now
  else if (stage) reread([stage]);
  if (reading) again(); // what is being read may be older than what was saved
  if (drawer.querySelector("[data-gone]")) cardOf(open)?.remove();
});
document.addEventListener("voronka:changed", ({ detail }) => {
  const stage = Number(shown()?.dataset.stage);
  if (open && (detail.everything || reading || detail.stages.includes(stage))) again();
});

// The drawer closes on the card below the one that is gone, and an undo leads back to it.
document.addEventListener("record:deleted", ({ detail }) => {
  const card = cardOf(detail.id);
  const all = cards();
  const after = all[all.indexOf(card) + 1] ?? all[all.indexOf(card) - 1];
  card?.remove();
  if (open === detail.id) shut();
  home = after ? linkOf(after) : null;
  home?.focus({ preventScroll: true });
  reread([detail.stage]);
});
document.addEventListener("record:restored", ({ detail }) => {
  reread([detail.stage]);
  const seek = () => {
    const card = cardOf(detail.id);
    if (!card) return;
    document.removeEventListener("board:fitted", seek);
    if (document.activeElement === document.body) linkOf(card).focus({ preventScroll: true });
  };
  document.addEventListener("board:fitted", seek);
});

if (asked()) openDeal(asked(), { focus: false });
