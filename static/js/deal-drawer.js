// The deal beside the board: opened by a card, kept in the address, closed by Esc.
import { ask, board, cardOf, cards, columnOf, linkOf } from "./board-page.js";
import { reread } from "./board-columns.js";
import { letterOf } from "./board-keys.js";
import { close, moveTo, reopen } from "./board-moves.js";
import { toast } from "./toasts.js";
import "./deal-fields.js";

const drawer = document.getElementById("drawer");
let open = null;
let turn = 0;

/** Show a deal; `focus` moves the reader there. */
export async function openDeal(id, { focus = true } = {}) {
  const mine = ++turn;
  try {
    const content = await ask(`/deals/${id}/`, { extra: { "X-Drawer": "1" } });
    if (mine !== turn) return;
    open = String(id);
    const spot = drawer.scrollTop;
    drawer.replaceChildren(content);
    drawer.hidden = false;
    window.htmx?.process(drawer);
    remember();
    if (focus) drawer.querySelector("[data-deal-heading]").focus({ preventScroll: true });
    else drawer.scrollTop = spot;
    cardOf(open)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
  }
}

function shut() {
  const card = open && cardOf(open);
  turn += 1;
  open = null;
  drawer.hidden = true;
  drawer.replaceChildren();
  remember();
  if (card) linkOf(card).focus({ preventScroll: true });
}

function remember() {
  const address = new URL(location.href);
  if (open) address.searchParams.set("deal", open);
  else address.searchParams.delete("deal");
  history.replaceState(null, "", address);
}

function step(by) {
  const all = cards();
  const here = all.findIndex((card) => card.dataset.dealId === open);
  const next = all[here + by];
  if (next) openDeal(next.dataset.dealId);
}

drawer.addEventListener("click", async (event) => {
  const deal = drawer.querySelector("[data-deal]");
  const button = event.target.closest("button");
  if (!button || !deal) return;
  const id = deal.dataset.deal;
  if (button.matches("[data-drawer-close]")) shut();
  else if (button.dataset.drawerStep) step(Number(button.dataset.drawerStep));
  else if (button.dataset.outcome === "reopened") await reopen(id, deal.dataset.version);
  else if (button.dataset.outcome) await close(id, button.dataset.outcome, { version: deal.dataset.version });
  else if (button.dataset.moveTo && cardOf(id)) {
    const column = columnOf(button.dataset.moveTo);
    await moveTo([cardOf(id)], column, cards(column)[0]?.dataset.dealId ?? "");
  }
});

document.addEventListener("keydown", (event) => {
  if (!open || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("dialog, [popover]")) return;
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key === "Escape") {
    if (typing && drawer.contains(typing)) drawer.querySelector("[data-deal-heading]").focus();
    else shut();
  } else if (!typing && letterOf(event) === "j") step(1);
  else if (!typing && letterOf(event) === "k") step(-1);
  else return;
  event.preventDefault();
});

const again = () => { if (open && !drawer.querySelector("input:focus, textarea:focus, select:focus")) openDeal(open, { focus: false }); };
document.addEventListener("board:moved", again);
document.addEventListener("board:closed", again);
document.addEventListener("deal:edited", () => {
  const stage = drawer.querySelector("[data-deal]")?.dataset.stage;
  if (stage) reread([stage]);
  if (drawer.querySelector("[data-gone]")) cardOf(open)?.remove();
});
document.addEventListener("voronka:changed", ({ detail }) => {
  const stage = Number(drawer.querySelector("[data-deal]")?.dataset.stage);
  if (open && (detail.everything || detail.stages.includes(stage))) again();
});

const asked = new URLSearchParams(location.search).get("deal");
if (asked && /^\d+$/.test(asked) && board) openDeal(asked, { focus: false });
