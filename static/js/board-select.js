// Picking several cards: the box in their corner, X, or a click with Ctrl; Shift takes all between.
import { board, cards, linkOf, titleOf, word } from "./board-page.js";
import { onCard } from "./board-columns.js";

const bar = document.querySelector("[data-picked]");
let last = null;

/** The picked cards in the order of the board. */
export const picked = () => cards().filter((card) => card.classList.contains("is-picked"));

/** Pick a card or not. */
export function pick(card, on = !card.classList.contains("is-picked")) {
  card.classList.toggle("is-picked", on);
  const box = boxOf(card);
  box.checked = on;
  if (on) linkOf(card).setAttribute("aria-description", word("isPicked"));
  else linkOf(card).removeAttribute("aria-description");
  last = card;
  show();
}

/** Let go of all. */
export function unpick() {
  picked().forEach((card) => pick(card, false));
  last = null;
  show();
}

function show() {
  const count = picked().length;
  bar.hidden = count === 0;
  board.classList.toggle("is-picking", count > 0);
  bar.querySelector("[data-picked-count]").textContent = word("picked", { count });
}

// The box is made when it is first needed: it would be a tenth of the page.
function boxOf(card) {
  let box = card.querySelector(".pick");
  if (!box) {
    box = document.createElement("input");
    Object.assign(box, { type: "checkbox", className: "pick", tabIndex: -1, ariaLabel: titleOf(card) });
    card.append(box);
  }
  return box;
}

function range(card) {
  const all = cards(card.closest("[data-stage-id]"));
  const [a, b] = [all.indexOf(last), all.indexOf(card)].sort((x, y) => x - y);
  if (a < 0) return pick(card);
  all.slice(a, b + 1).forEach((one) => pick(one, true));
}

/** A click on a card that means picking; true when it was taken. */
export function pickByClick(event, card) {
  if (event.target.closest(".pick")) {
    if (event.shiftKey && last) range(card);
    else pick(card, event.target.checked);
    return true;
  }
  if (event.ctrlKey || event.metaKey) pick(card);
  else if (event.shiftKey && last) range(card);
  else return false;
  event.preventDefault();
  return true;
}

board.addEventListener("pointerover", (event) => {
  const card = event.target.closest?.("[data-deal-id]");
  if (!card || event.pointerType === "touch") return;
  boxOf(card);
  const [link, company] = [linkOf(card), card.querySelector(".cc")]; // what is cut is told whole
  const isCut = link.scrollHeight > link.clientHeight + 1 || company.scrollWidth > company.clientWidth;
  if (isCut) link.title = [link.textContent, company.textContent].filter(Boolean).join("\n");
});
onCard((card) => { if (board.classList.contains("is-picking")) boxOf(card); });
bar.querySelector("[data-picked-none]").addEventListener("click", unpick);
document.addEventListener("board:fitted", show);
