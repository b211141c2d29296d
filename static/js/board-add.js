// A new deal in place: one field at the top of a column; Enter adds and asks for the next.
import { ask, board, columns, complain, listOf, say, withFilters, word, titleOf } from "./board-page.js";
import { place, takeIn } from "./board-columns.js";
import { onNew } from "./board-keys.js";
import { toast } from "./toasts.js";

const template = document.getElementById("add-form");

/** Open the field in a column, or go to it when it is open. */
export function openAdd(column) {
  if (!column) return;
  column.classList.remove("is-folded");
  const there = board.querySelector(".add-card");
  const item = there ?? template.content.firstElementChild.cloneNode(true);
  if (item.parentElement !== listOf(column)) listOf(column).prepend(item);
  listOf(column).scrollTop = 0;
  column.scrollIntoView({ block: "nearest", inline: "nearest" });
  item.querySelector("input").focus();
}

const add = (column, title) => ask(withFilters(`${board.dataset.root}deals/`), { fields: { stage: column.dataset.stageId, title } });
let adding = Promise.resolve(); // one after the other, so that they stand in the order in which they were typed

board.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-add]");
  if (!form) return;
  event.preventDefault();
  const [field, column] = [form.elements.title, form.closest("[data-stage-id]")];
  const title = field.value.trim();
  if (!title) return;
  field.value = "";
  typing++;
  form.querySelector("[data-likely]").replaceChildren();
  try {
    const content = await (adding = adding.catch(() => {}).then(() => add(column, title)));
    const card = content.querySelector("[data-deal-id]");
    takeIn(content);
    if (card) place(card, column, column.querySelector(".add-card")?.nextElementSibling ?? listOf(column).firstElementChild);
    if (card) say(word("added", { title: titleOf(card) }));
    else toast(`${word("added", { title })} ${word("hidden")}`, { kind: "info" });
  } catch (refusal) {
    if (!field.value) field.value = title; // nothing typed is lost
    complain(refusal);
    field.focus();
  }
});

// A company of nearly that name is told of before one more is added; choosing it writes its name into the line.
let typing = 0;
board.addEventListener("input", async (event) => {
  const form = event.target.closest("[data-add]");
  if (!form) return;
  const turn = ++typing;
  await new Promise((resolve) => setTimeout(resolve, 250));
  if (turn !== typing) return;
  const line = form.elements.title.value;
  const content = line.includes("@") ? await ask(`${board.dataset.root}likely/?${new URLSearchParams({ line })}`).catch(() => null) : null;
  if (turn === typing && form.isConnected) form.querySelector("[data-likely]").replaceChildren(...(content?.children ?? []));
});
board.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add] [data-use]");
  if (!button) return;
  const form = button.closest("[data-add]");
  const field = form.elements.title;
  const at = field.value.search(/(^| )@/);
  field.value = field.value.slice(0, at) + field.value.slice(at).replace(button.dataset.typed, () => button.dataset.use);
  form.querySelector("[data-likely]").replaceChildren();
  field.focus();
});

board.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("[data-add]")) shut(event.target.closest(".add-card"));
});
board.addEventListener("focusout", (event) => {
  const item = event.target.closest(".add-card");
  if (item && !item.contains(event.relatedTarget)) setTimeout(() => {
    if (!item.contains(document.activeElement) && !item.querySelector("input").value.trim()) item.remove();
  }, 150);
});

function shut(item) {
  const card = item.parentElement.querySelector("[data-deal-id] .ct");
  item.remove();
  card?.focus({ preventScroll: true });
}

onNew(openAdd);

/** `#new` opens the field, `#new=words` with what is to be added in it. */
function openAsked() {
  const asked = location.hash.match(/^#new(?:=(.*))?$/);
  if (!asked) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  openAdd(columns()[0]);
  const field = board.querySelector(".add-card input");
  if (field && asked[1]) field.value = decodeURIComponent(asked[1]);
}
openAsked();
window.addEventListener("hashchange", openAsked);
document.querySelector("[data-new]").addEventListener("click", () => {
  const start = board.getBoundingClientRect().left;
  // On a phone: the column that is looked at.
  openAdd(columns().find((column) => !column.classList.contains("is-folded") && column.getBoundingClientRect().right > start + 80));
});
