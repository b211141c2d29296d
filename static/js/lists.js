// A list's page: links and the search field change it in place, keys walk its rows, and rows can be picked for an act on many.
import { letterOf } from "./keys.js";
import { act, addressWith, again, go, list, word } from "./list-page.js";
import { keysOf, makeSortable } from "./list-order.js";
import { openBuilder } from "./filters.js";
import { headers } from "./server.js";
import { toast } from "./toasts.js";
import "./saved-views.js";

// Links within the list.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const target = new URL(link.href);
  if (target.pathname !== location.pathname) return; // another layout or kind: a page of its own
  event.preventDefault();
  go(target.pathname + target.search);
});
window.addEventListener("popstate", () => go(location.pathname + location.search, { push: "" }));

// What is typed is searched for at once, and only its last state stands in the history.
let typing = null;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search]") || !list()) return;
  clearTimeout(typing);
  typing = setTimeout(() => go(addressWith({ text: event.target.value.trim() || null }), { push: "replace" }), 250);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-list-search]")) return;
  event.preventDefault();
  clearTimeout(typing);
  go(addressWith({ text: event.target.elements.text.value.trim() || null }), { push: "replace" });
});

// Columns.
const columns = () => document.querySelector("[data-columns-form]");
const first = (form) => form.querySelector("[data-sorted]");
function arrange() {
  const form = columns();
  if (form) makeSortable(form);
}
document.addEventListener("change", (event) => {
  const item = event.target.closest("[data-columns-form] [data-key]");
  if (!item) return;
  (event.target.checked ? first(columns()) : columns().querySelector("[data-unsorted]") ?? first(columns())).append(item);
  event.target.focus();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-columns-form]")) return;
  event.preventDefault();
  const form = event.target;
  const shown = keysOf(first(form)).filter((key) => first(form).querySelector(`[data-key="${CSS.escape(key)}"] input`).checked);
  const order = form.elements.order.value;
  const same = new URLSearchParams(list().dataset.query).get("order")?.replace("-", "") === order.replace("-", "");
  form.closest("dialog").close();
  go(addressWith({ columns: shown.join(","), ...(same ? {} : { order }) }));
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-columns-reset]")) return;
  event.target.closest("dialog").close();
  go(addressWith({ columns: null, order: null }));
});

// Rows: j, k and the arrows walk, Enter opens, x picks, f filters.
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const linkOf = (row) => row?.querySelector(".lead a");

function walk(by) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("[data-row]"));
  linkOf(all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)])?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover]")) return;
  const by = { j: 1, k: -1, о: 1, л: -1 }[event.key.toLowerCase()] ?? (event.target.closest?.("[data-rows]") ? { ArrowDown: 1, ArrowUp: -1 }[event.key] : undefined);
  if (by) {
    event.preventDefault();
    walk(by);
  } else if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keys-dialog").showModal();
  } else if (letterOf(event) === "n" && !event.shiftKey && document.querySelector("#list-head a.btn-primary")) {
    event.preventDefault();
    document.querySelector("#list-head a.btn-primary").click();
  } else if (["x", "ч"].includes(event.key.toLowerCase())) {
    const box = document.activeElement?.closest("[data-row]")?.querySelector("[data-pick]");
    if (box) box.click();
  } else if (["f", "а"].includes(event.key.toLowerCase())) {
    event.preventDefault();
    openBuilder();
  } else if (event.key === "Escape" && picked.size) {
    unpick();
  }
});

// Picking.
const picked = new Set();
let all = false;
let lastBox = null;

function showPicked() {
  const bar = document.querySelector("[data-picked]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-pick]")];
  for (const box of boxes) {
    box.checked = all || picked.has(box.value);
    box.closest("[data-row]").classList.toggle("is-picked", box.checked);
  }
  const whole = document.querySelector("[data-pick-all]");
  whole.checked = boxes.length > 0 && boxes.every((box) => box.checked);
  whole.indeterminate = !whole.checked && boxes.some((box) => box.checked);
  bar.hidden = !picked.size && !all;
  const total = `${bar.dataset.total}${bar.dataset.exact ? "" : "+"}`;
  bar.querySelector("[data-picked-count]").textContent = all ? word("allPicked", { count: total }) : word("somePicked", { count: picked.size });
  bar.querySelector("[data-picked-all]").hidden = all || !whole.checked || Number(bar.dataset.total) <= boxes.length;
}

function unpick() {
  picked.clear();
  all = false;
  showPicked();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick]");
  if (box) {
    const boxes = [...document.querySelectorAll("[data-pick]")];
    const range = event.shiftKey && lastBox?.isConnected ? boxes.slice(...[boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b)) : [];
    all = false;
    for (const one of [...range, box]) box.checked ? picked.add(one.value) : picked.delete(one.value);
    lastBox = box;
    return showPicked();
  }
  const whole = event.target.closest("[data-pick-all]");
  if (whole) {
    all = false;
    for (const one of document.querySelectorAll("[data-pick]")) whole.checked ? picked.add(one.value) : picked.delete(one.value);
    return showPicked();
  }
  if (event.target.closest("[data-picked-all]")) { all = true; return showPicked(); }
  if (event.target.closest("[data-picked-none]")) return unpick();
  const many = event.target.closest("[data-many]");
  if (many) askMany(many.dataset.many);
});

const manyDialog = () => document.querySelector("[data-many-dialog]");

async function askMany(address, more = {}) {
  const query = all ? { all: 1, query: list().dataset.query } : { ids: [...picked].join(",") };
  const answer = await fetch(`${address}?${new URLSearchParams({ ...query, ...more })}`, { headers: headers(), credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return toast(word("failed"), { kind: "error" });
  manyDialog().innerHTML = await answer.text();
  if (!manyDialog().open) manyDialog().showModal();
  manyDialog().querySelector("input:not([type=hidden]):not([hidden]), select, .btn-primary, .btn-danger")?.focus();
}

// Another field asks for another kind of value.
document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-many-field]");
  if (field) askMany(field.form.getAttribute("action"), { field: field.value });
});

async function takeBack(address) {
  const wrong = await act(address, {});
  if (wrong) toast(wrong, { kind: "error" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-many-form]");
  if (!form) return;
  event.preventDefault();
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form), headers: headers(), credentials: "same-origin" }).catch(() => null);
  if (answer?.status === 422) manyDialog().innerHTML = await answer.text();
  else if (!answer?.ok) toast(word("failed"), { kind: "error" });
  else {
    const { text, undo, progress } = await answer.json();
    manyDialog().close();
    if (progress) return location.assign(progress);
    unpick();
    await again();
    toast(text, { undo: undo ? () => takeBack(undo) : null });
  }
});

document.addEventListener("voronka:list", () => { unpick(); arrange(); });
window.addEventListener("load", arrange);
