// Dragging with mouse and touch (SortableJS); won and lost are zones that appear meanwhile.
import { board, cards, idBelow, listOf, stageOf } from "./board-page.js";
import { hold, onColumn } from "./board-columns.js";
import { close, dropped, spotOf } from "./board-moves.js";
import { picked, unpick } from "./board-select.js";
import { prepareReasons } from "./deal-lost.js";

const zones = document.querySelector("[data-drop-zones]");
const shared = {
  group: "cards",
  draggable: ".card:not(.add-card)",
  filter: ".pick, .card-move, .add-card",
  preventOnFilter: false,
  animation: 0,
  // Above or below a card, by the half of it that the pointer is over.
  invertSwap: true,
  invertedSwapThreshold: 1,
  delay: 220,
  delayOnTouchOnly: true,
  touchStartThreshold: 6,
  fallbackTolerance: 4,
  forceFallback: true,
  fallbackOnBody: true,
  scrollSensitivity: 60,
  scrollSpeed: 14,
  chosenClass: "is-held",
  ghostClass: "is-ghost",
  dragClass: "is-dragged",
};

let drag = null; // what is being dragged, from where
let justDropped = false;

/** Was a card dropped in this very moment? The click that follows is not meant for its link. */
export const wasDrag = () => justDropped;

/** Make the cards of all columns, also of those that come later, draggable. */
export function makeDraggable() {
  onColumn((column) => new Sortable(listOf(column), { ...shared, onStart, onEnd, onClone }));
  zones.querySelectorAll("[data-outcome]").forEach((zone) => new Sortable(zone, { ...shared, sort: false, group: { name: "cards", pull: false } }));
}

function onStart({ item }) {
  const together = picked();
  const moving = together.includes(item) ? together : [item];
  drag = { item, moving, from: new Map(moving.map((card) => [card, spotOf(card, moving)])), release: hold(), cancelled: false };
  // The dragged card still stands in its place: what is below it, and not it, tells where it came from.
  zones.hidden = moving.length > 1;
  board.classList.add("is-dragging");
  moving.filter((card) => card !== item).forEach((card) => card.classList.add("is-travelling"));
  if (moving.length > 1) requestAnimationFrame(() => document.querySelector(".is-dragged")?.setAttribute("data-count", moving.length));
  prepareReasons().catch(() => {});
}

function onClone({ clone }) {
  clone.removeAttribute("data-deal-id");
}

function onEnd({ item }) {
  const { moving, from, release, cancelled } = drag;
  drag = null;
  zones.hidden = true;
  board.classList.remove("is-dragging");
  moving.forEach((card) => card.classList.remove("is-travelling"));
  justDropped = true;
  setTimeout(() => { justDropped = false; }, 60);
  const zone = item.closest("[data-outcome]");
  if (zone || cancelled) home(item, from.get(item));
  if (zone && !cancelled) close(item.dataset.dealId, zone.dataset.outcome);
  else if (!cancelled) drop(item, moving, from);
  release();
}

function drop(item, moving, from) {
  // Below the line about more cards there is no place: the card stands above it.
  const list = item.parentElement;
  const note = list.querySelector(".card-note");
  if (note && note.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) list.insertBefore(item, note);
  const adding = list.querySelector(".add-card");
  if (adding && adding.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_PRECEDING) adding.after(item);
  if (moving.length > 1) {
    const ordered = cards().filter((card) => moving.includes(card) && card !== item);
    const [before, after] = split(moving, item);
    ordered.filter((card) => before.includes(card)).forEach((card) => item.before(card));
    [...ordered].reverse().filter((card) => after.includes(card)).forEach((card) => item.after(card));
    const inOrder = cards(stageOf(item)).filter((card) => moving.includes(card));
    unpick();
    return dropped(inOrder, from, idBelow(inOrder.at(-1)));
  }
  return dropped(moving, from);
}

/** Those that stood before the dragged one on the board, and those after it. */
function split(moving, item) {
  const spot = moving.indexOf(item);
  return [moving.slice(0, spot), moving.slice(spot + 1)];
}

function home(card, { column, next }) {
  const list = listOf(column);
  list.insertBefore(card, next?.parentElement === list ? next : list.querySelector(".card-note"));
}

// Sortable looks where the pointer is twenty times a second; a card let go in between belongs where the pointer is now.
for (const end of ["pointerup", "mouseup", "touchend"]) document.addEventListener(end, () => drag && Sortable.active?._emulateDragOver(), true);

// Esc puts a card that is being dragged back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !drag) return;
  drag.cancelled = true;
  event.preventDefault();
  event.stopImmediatePropagation();
  drag.item.ownerDocument.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  drag?.item.ownerDocument.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
}, true);
