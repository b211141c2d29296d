// Walking the cards by keyboard; one card at a time is in the tab order.
import { board, cards, columns, labelOf, linkOf, say, stageOf, titleOf, word } from "./board-page.js";
import { onCard } from "./board-columns.js";
import { chooseMove } from "./board-move-dialog.js";
import { pick, picked, unpick } from "./board-select.js";
import { letterOf } from "./keys.js";
import { undoLatest } from "./toasts.js";

let current = null;

function settle() {
  if (current?.isConnected) return;
  current = cards()[0] ?? null;
  const focused = document.activeElement?.closest?.("[data-deal-id]");
  if (focused && board.contains(focused)) current = focused;
  if (current) linkOf(current).tabIndex = 0;
}

function walkTo(card) {
  if (!card) return;
  linkOf(card).focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  const column = stageOf(card);
  const all = cards(column);
  say(word("place", { title: titleOf(card), stage: labelOf(column), place: all.indexOf(card) + 1, count: all.length }));
}

board.addEventListener("focusin", (event) => {
  const card = event.target.closest?.("[data-deal-id]");
  if (!card || card === current) return;
  if (current) linkOf(current).tabIndex = -1;
  current = card;
  linkOf(card).tabIndex = 0;
});
onCard((card) => { linkOf(card).tabIndex = -1; });
settle();
document.addEventListener("board:fitted", settle);
document.addEventListener("board:closed", settle);

function sideways(card, by) {
  const all = columns().filter((column) => cards(column).length && !column.classList.contains("is-folded"));
  const next = all[all.indexOf(stageOf(card)) + by];
  if (!next) return null;
  const middle = card.getBoundingClientRect().top;
  return cards(next).reduce((best, one) => (away(one, middle) < away(best, middle) ? one : best));
}

const away = (card, top) => Math.abs(card.getBoundingClientRect().top - top);
const steps = {
  ArrowDown: (card) => following(card, "nextElementSibling"),
  ArrowUp: (card) => following(card, "previousElementSibling"),
  ArrowRight: (card) => sideways(card, 1),
  ArrowLeft: (card) => sideways(card, -1),
  Home: (card) => cards(stageOf(card))[0],
  End: (card) => cards(stageOf(card)).at(-1),
};

function following(card, direction) {
  let next = card[direction];
  while (next && !next.dataset.dealId) next = next[direction];
  return next;
}

/** Add a field for a new deal to the column of the focused card, or to the first. */
let addTo = () => {};
export const onNew = (open) => { addTo = open; };

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input:not(.pick), textarea, select, [contenteditable], dialog, [popover]")) return;
  const card = event.target.closest?.("[data-board] [data-deal-id]");
  const letter = letterOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (letter === "z" && !event.shiftKey && undoLatest()) event.preventDefault();
    return;
  }
  if (card && steps[event.key]) walkTo(steps[event.key](card));
  else if (!card && event.key.startsWith("Arrow") && event.target === document.body) walkTo(current);
  else if (letter === "m" && (card || picked().length)) chooseMove(picked().length ? picked() : [card]);
  else if (letter === "x" && card) pick(card);
  else if (letter === "n") addTo(card ? stageOf(card) : columns()[0]);
  else if (event.key === "?") document.getElementById("keys-dialog").showModal();
  else if (event.key === "Escape" && picked().length) unpick();
  else return;
  event.preventDefault();
});

document.querySelector("[data-picked-move]").addEventListener("click", () => chooseMove(picked()));
document.querySelector("[data-keys]").addEventListener("click", () => document.getElementById("keys-dialog").showModal());
