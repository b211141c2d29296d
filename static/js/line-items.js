// The lines of a deal, edited in a table by keyboard: Enter goes to the next row, the arrows too, Tab along the row,
// Alt with an arrow moves the line. Each cell is saved when it is left, guarded by the mark of the line that was seen.
import { change, complain } from "./deal-sections.js";
import { toast } from "./toasts.js";
import { closeProducts, isChoosing } from "./product-list.js";

const table = () => document.querySelector("[data-items]");
const rows = () => [...table().querySelectorAll("tr[data-item], tr[data-new]")];
const rowOf = (element) => element.closest("tr");
const isNew = (row) => "new" in row.dataset;
const cellsOf = (row) => [...row.querySelectorAll(".cell")];
const rowWith = (id) => table()?.querySelector(`[data-item="${id}"]`);
const undoable = []; // the latest edits: which line, and what its cells held before
let queue = Promise.resolve();
let isExchanging = false;

/** One after the other: the mark of a line is known once the edit before has been answered. */
function later(act) {
  queue = queue.then(act).catch((refusal) => (refusal.status === 412 ? null : complain(refusal)));
  return queue;
}

function save(cell) {
  const id = rowOf(cell).dataset.item;
  const [before, value] = [cell.defaultValue, cell.value];
  const cells = { [cell.name]: value, ...(cell.dataset.product ? { product: cell.dataset.product } : {}) };
  cell.classList.add("is-saving");
  return later(async () => {
    const row = rowWith(id);
    if (!row) return;
    const held = Object.fromEntries(cellsOf(row).map((one) => [one.name, one.name === cell.name ? before : one.defaultValue]));
    try {
      await change(row.dataset.post, { ...cells, mark: row.dataset.mark });
      undoable.push({ id, cells: cells.product ? held : { [cell.name]: before } });
      showUndo();
    } catch (refusal) {
      mark(rowWith(id)?.querySelector(`[name="${cell.name}"]`), value, refusal);
      throw refusal;
    }
  });
}

/** What was refused stays as it was typed, marked, with the reason. */
function mark(cell, value, refusal) {
  if (!cell) return;
  cell.classList.remove("is-saving");
  if (refusal.status === 412) return;
  cell.value = value;
  cell.classList.add("is-wrong");
  cell.setAttribute("aria-invalid", "true");
  cell.title = refusal.message;
}

function add(row, { stay = true } = {}) {
  const cells = Object.fromEntries([...row.querySelectorAll("input")].filter((one) => one.value.trim()).map((one) => [one.name, one.value]));
  if (!cells.name || row.ariaBusy) return queue;
  row.ariaBusy = "true";
  return later(async () => {
    try {
      const sent = row.isConnected ? row : table().querySelector("[data-new]");
      sent.querySelectorAll("input").forEach((one) => { one.dataset.sent = one.value; });
      const content = await change(table().dataset.post, cells);
      undoable.push({ id: content.querySelector("[data-added]")?.dataset.added, added: true });
      showUndo();
      if (stay) table().querySelector("[data-new] .cell").focus({ preventScroll: true });
    } finally {
      row.ariaBusy = null;
    }
  });
}

const remove = (row) => later(() => change(row.querySelector("[data-item-remove]").dataset.itemRemove, { mark: rowWith(row.dataset.item).dataset.mark }));

function undo() {
  const last = undoable.pop();
  const row = last && rowWith(last.id);
  if (!row) return showUndo();
  if (last.added) return remove(row).then(showUndo);
  return later(() => change(row.dataset.post, { ...last.cells, mark: row.dataset.mark })).then(showUndo);
}

function showUndo() {
  const button = table()?.querySelector("[data-items-undo]");
  if (button) button.hidden = !undoable.length;
}

/** The line one place up or down, and whoever moved it stays on it. */
function shift(row, by) {
  const order = table().dataset.order.split(",");
  const from = order.indexOf(row.dataset.item);
  const to = from + by;
  if (to < 0 || to >= order.length) return;
  order.splice(to, 0, ...order.splice(from, 1));
  arrange(order.join(","));
}

const arrange = (order) => later(() => change(table().dataset.orderTo, { order, was: table().dataset.order }));

/** The same cell in the row above or below. */
function go(cell, by) {
  const all = rows();
  const target = all[all.indexOf(rowOf(cell)) + by];
  const next = target?.querySelector(`.cell[name="${cell.name}"]`);
  if (!next) return false;
  next.focus();
  next.select();
  return true;
}

document.addEventListener("change", (event) => {
  const cell = event.target.closest?.("[data-items] .cell");
  if (!cell || isExchanging || isNew(rowOf(cell)) || isChoosing(cell)) return;
  if (cell.value !== cell.defaultValue) save(cell);
});

// A new line is complete when its row is left.
document.addEventListener("focusout", (event) => {
  const row = event.target.closest?.("[data-items] tr[data-new]");
  if (row && !isExchanging && !row.contains(event.relatedTarget)) add(row, { stay: false });
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-item-handle]");
  const cell = event.target.closest?.("[data-items] .cell");
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (handle && by) {
    event.preventDefault();
    return shift(rowOf(handle), by);
  }
  if (!cell || event.defaultPrevented) return;
  if (by && event.altKey && !isNew(rowOf(cell))) shift(rowOf(cell), by);
  else if (by) { if (!go(cell, by)) return; }
  else if (event.key === "Enter" && isNew(rowOf(cell))) add(rowOf(cell));
  else if (event.key === "Enter") { if (!go(cell, event.shiftKey ? -1 : 1)) return; }
  else if (event.key === "Escape" && cell.value !== cell.defaultValue) cell.value = cell.defaultValue;
  else if (event.key === "z" && (event.ctrlKey || event.metaKey) && cell.value === cell.defaultValue && undoable.length) undo();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-items] button");
  if (!button) return;
  if (button.matches("[data-items-undo]")) undo();
  else if (button.dataset.itemRemove) remove(rowOf(button));
  else if (button.matches("[data-item-add]")) add(rowOf(button));
  else if (button.dataset.itemsMine) takeMine(button);
});

/** The edit that met somebody else's, once more, on top of what stands there now. */
function takeMine(button) {
  const row = rowWith(button.dataset.itemsMine);
  const cells = Object.fromEntries(Object.entries(button.dataset).filter(([name]) => name.startsWith("cell"))
    .map(([name, value]) => [name.slice(4).replace(/^./, (letter) => letter.toLowerCase()), value]));
  if (!row) return toast(button.closest("[role=alert]").textContent.trim(), { kind: "error" });
  later(() => change(row.dataset.post, { ...cells, mark: row.dataset.mark }));
}

/** What is typed and not saved goes over into the lines that come; what had been sent is in them. */
export function keepLines(old, fresh) {
  for (const cell of old.querySelectorAll(".cell, [name=product]")) {
    const isSent = cell.classList.contains("is-saving") || cell.dataset.sent === cell.value;
    if (cell.value === cell.defaultValue || isSent) continue;
    const row = rowOf(cell);
    const again = fresh.querySelector(`${isNew(row) ? "[data-new]" : `[data-item="${row.dataset.item}"]`} [name="${cell.name}"]`);
    if (again) again.value = cell.value;
    if (again && cell.classList.contains("is-wrong")) again.classList.add("is-wrong");
  }
}

document.addEventListener("deal:section", ({ detail }) => {
  if (detail.fresh.dataset.section !== "items") return;
  closeProducts();
  keepLines(detail.old, detail.fresh);
  isExchanging = true;
  setTimeout(() => {
    isExchanging = false;
    showUndo();
    makeSortable();
  });
});

/** Dragging a line by its handle. */
export function makeSortable() {
  const body = table()?.querySelector("tbody");
  if (!body || !window.Sortable || !table().dataset.order) return;
  window.Sortable.create(body, {
    handle: "[data-item-handle]",
    draggable: "tr[data-item]",
    animation: 120,
    onEnd: () => {
      const order = [...body.querySelectorAll("tr[data-item]")].map((row) => row.dataset.item).join(",");
      if (order !== table().dataset.order) arrange(order);
    },
  });
}
addEventListener("load", makeSortable);
if (document.readyState === "complete") makeSortable();
