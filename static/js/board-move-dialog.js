// “Move to…”: the same move as a drag, for keyboard, screen reader and thumb.
import { cards, columnOf, columns, labelOf, linkOf, stageOf, titleOf, word } from "./board-page.js";
import { moveTo } from "./board-moves.js";

const dialog = document.getElementById("move-dialog");
const form = dialog.querySelector("form");
const { stage, before } = form.elements;
let moving = [];

/** Ask where to, and move there; focus returns to the first card. */
export async function chooseMove(chosen) {
  moving = chosen;
  const own = stageOf(moving[0]);
  dialog.querySelector("[data-move-what]").textContent = moving.length > 1 ? word("picked", { count: moving.length }) : titleOf(moving[0]);
  stage.replaceChildren(...columns().map((column) => new Option(labelOf(column), column.dataset.stageId, false, column === own)));
  const following = own.nextElementSibling;
  if (following?.dataset.stageId) stage.value = following.dataset.stageId;
  places();
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const [card] = moving;
  if (dialog.returnValue === "move") {
    const done = moveTo(moving, columnOf(stage.value), before.value);
    linkOf(card).focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    await done;
  } else {
    linkOf(card).focus({ preventScroll: true });
  }
}

function places() {
  const column = columnOf(stage.value);
  const standing = cards(column).filter((card) => !moving.includes(card));
  const options = [];
  if (standing.length) options.push(new Option(word("top"), standing[0].dataset.dealId));
  standing.slice(1, 60).forEach((card) => options.push(new Option(word("above", { title: titleOf(card) }), card.dataset.dealId)));
  options.push(new Option(word("end"), ""));
  before.replaceChildren(...options);
}

stage.addEventListener("change", places);
form.addEventListener("keydown", (event) => { // a list keeps Enter to itself
  if (event.key !== "Enter" || !event.target.matches("select")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=move]"));
});
