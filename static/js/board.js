// The board: brings its parts together, and holds what is small: clicks, menus, filters, density, live changes.
import { board, cards, columnOf, columns, complain, Refusal, word } from "./board-page.js";
import { onCard, reread, watchMore } from "./board-columns.js";
import { makeDraggable, wasDrag } from "./board-drag.js";
import { chooseMove } from "./board-move-dialog.js";
import { pick, pickByClick } from "./board-select.js";
import { showFigures } from "./board-figures.js";
import { openAdd } from "./board-add.js";
import { openDeal } from "./deal-drawer.js";

board.addEventListener("click", (event) => {
  const card = event.target.closest("[data-deal-id]");
  if (wasDrag() && card) return event.preventDefault();
  const menu = event.target.closest("[data-column-menu]");
  if (menu) return openMenu(menu);
  const folded = event.target.closest(".is-folded");
  if (folded) return fold(folded);
  if (!card || event.target.closest(".add-card")) return;
  if (event.target.closest(".card-move")) return void chooseMove([card]);
  if (pickByClick(event, card) || event.button !== 0) return;
  event.preventDefault();
  openDeal(card.dataset.dealId);
});

// A thumb has no keyboard: each card carries “Move to…”.
if (matchMedia("(pointer: coarse)").matches) {
  const label = document.querySelector("#move-title").textContent;
  const moveIcon = document.getElementById("move-icon");
  onCard((card) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "card-move", ariaLabel: label, title: label, });
    button.append(moveIcon.content.cloneNode(true));
    card.append(button);
  });
}

// The menu of a column is one element that goes to the column that asked.
const columnMenu = document.getElementById("column-menu");
let menuButton = null;

function openMenu(button) {
  menuButton = button;
  columnMenu.showPopover();
  const box = button.getBoundingClientRect();
  columnMenu.style.top = `${box.bottom + 4}px`;
  columnMenu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - columnMenu.offsetWidth - 8))}px`;
  columnMenu.querySelector("button").focus({ focusVisible: false });
  showFigures(columnMenu.querySelector("[data-figures]"), menuButton.closest("[data-stage-id]"));
}

columnMenu.addEventListener("toggle", ({ newState }) => menuButton?.setAttribute("aria-expanded", String(newState === "open")));
columnMenu.addEventListener("click", (event) => {
  const act = event.target.closest("[data-column]")?.dataset.column;
  const column = menuButton && columnOf(menuButton.closest("[data-stage-id]").dataset.stageId);
  if (!act || !column) return;
  columnMenu.hidePopover();
  if (act === "add") openAdd(column);
  else if (act === "fold") fold(column);
  else cards(column).forEach((card) => pick(card, true));
});

// What a person likes is kept in the browser.
const key = `voronka:folded:${board.dataset.board}`;
const remembered = (name) => { try { return localStorage.getItem(name) ?? ""; } catch { return ""; } };
const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };

function fold(column) {
  column.classList.toggle("is-folded");
  remember(key, columns().filter((one) => one.classList.contains("is-folded")).map((one) => one.dataset.stageId).join(","));
}

remembered(key).split(",").filter(Boolean).forEach((stage) => columnOf(stage)?.classList.add("is-folded"));

function setDensity(density) {
  board.dataset.density = density;
  remember("voronka:density", density);
  document.querySelectorAll("[data-density].menu-item").forEach((item) => item.setAttribute("aria-checked", String(item.dataset.density === density)));
}

setDensity(remembered("voronka:density") || "comfortable");
document.querySelectorAll("[data-density].menu-item").forEach((item) => item.addEventListener("click", () => {
  setDensity(item.dataset.density);
  item.closest("[popover]").hidePopover();
}));

// Filters: what is empty does not stand in the address.
document.querySelector("[data-filters]").addEventListener("submit", (event) => {
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
document.querySelector("[data-search]").addEventListener("search", ({ target }) => {
  if (!target.value && target.defaultValue) target.form.requestSubmit(); // emptied by its cross
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelector("[data-filters]").elements) field.disabled = false;
});

// Colleagues' changes.
document.addEventListener("voronka:changed", ({ detail }) => {
  if (detail.everything) return reread();
  reread(detail.stages.every((stage) => columnOf(stage)) ? detail.stages : null);
});
document.addEventListener("voronka:signed-out", () => complain(new Refusal(word("signedOut"), 401)));

makeDraggable();
watchMore();
