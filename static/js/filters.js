// The filter builder: a tree of conditions and groups as a form, made of what the server tells about the fields.
import { addressWith, go, list } from "./list-page.js";
import { toast } from "./toasts.js";
import { editorOf } from "./filter-values.js";

const DEPTH = 3;
const words = () => document.getElementById("filter-words").dataset;
const icon = (name) => document.getElementById("filter-icons").content.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);
const described = new Map(); // kind → Promise of its fields

let fields = [];
let names = {};

const dialog = () => document.getElementById("filter-dialog");
const root = () => dialog().querySelector("[data-filter-root]");

/** Open the builder: on one part of the filter, or with a new condition. */
export async function openBuilder(place = null) {
  const page = list();
  const kind = page.dataset.list;
  if (!described.has(kind)) described.set(kind, read(page.dataset.fields));
  fields = await described.get(kind);
  if (!fields) {
    described.delete(kind);
    return toast(words().failed, { kind: "error" });
  }
  const { filter, names: known } = JSON.parse(document.getElementById("builder").textContent);
  names = known;
  const tree = filter.all || filter.any ? filter : { all: [] };
  root().replaceChildren(groupOf(tree, 1));
  const top = root().firstElementChild;
  if (place === null) addCondition(top);
  dialog().showModal();
  const parts = [...top.querySelector(":scope > .filter-parts").children];
  (parts[place ?? parts.length - 1] ?? top).querySelector("select, input")?.focus();
}

async function read(address) {
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  return answer?.ok ? (await answer.json()).fields : null;
}

function make(tag, attributes = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...inside);
  return element;
}

function button(label, name, act, { bare = false } = {}) {
  const element = make("button", { type: "button", className: `btn btn-quiet btn-small${bare ? " btn-square" : ""}` }, icon(name), ...(bare ? [] : [label]));
  if (bare) element.ariaLabel = element.title = label;
  element.addEventListener("click", act);
  return element;
}

function groupOf(tree, depth) {
  const join = tree.any ? "any" : "all";
  const group = make("fieldset", { className: "filter-group" });
  group.dataset.depth = depth;
  const choice = make("select", { className: "input", ariaLabel: words().join }, new Option(words().all, "all"), new Option(words().any, "any"));
  choice.value = join;
  const parts = make("div", { className: "filter-parts" });
  const head = make("div", { className: "filter-join" }, choice);
  if (depth > 1) head.append(button(words().remove, "x", () => leave(group), { bare: true }));
  const tools = make("div", { className: "filter-tools" }, button(words().add, "plus", () => addCondition(group).querySelector("select").focus()));
  if (depth < DEPTH) {
    tools.append(button(words().group, "plus", () => {
      const inner = groupOf({ any: [] }, depth + 1);
      parts.append(inner);
      addCondition(inner).querySelector("select").focus();
    }));
  }
  group.append(head, parts, tools);
  for (const part of tree[join] ?? []) parts.append(part.all || part.any ? groupOf(part, depth + 1) : conditionOf(part));
  return group;
}

/** A part goes, and the focus moves on to its neighbour. */
function leave(part) {
  const next = part.nextElementSibling ?? part.previousElementSibling ?? part.closest(".filter-group:not(:scope)")?.querySelector(".filter-tools");
  part.remove();
  (next?.querySelector("select, button") ?? dialog().querySelector(".btn-primary")).focus();
}

function addCondition(group) {
  const row = conditionOf({ field: fields[0].key });
  group.querySelector(":scope > .filter-parts").append(row);
  return row;
}

function conditionOf({ field: key, op, value }) {
  const row = make("div", { className: "filter-row" });
  const choice = make("select", { className: "input", ariaLabel: words().field });
  const groups = new Map();
  for (const field of fields) {
    if (!field.group) {
      choice.append(new Option(field.label, field.key));
      continue;
    }
    if (!groups.has(field.group)) groups.set(field.group, choice.appendChild(make("optgroup", { label: field.group })));
    groups.get(field.group).append(new Option(field.label, field.key));
  }
  choice.value = key;
  const operator = make("select", { className: "input", ariaLabel: words().op });
  const spot = make("div", { className: "filter-value" });
  const away = button(words().remove, "x", () => leave(row), { bare: true });
  row.append(choice, operator, spot, away);

  const field = () => fields.find((one) => one.key === choice.value) ?? fields[0];
  const showValue = (given) => {
    row.editor = editorOf(field(), field().operators.find((one) => one.key === operator.value), given, { words: words(), names, records: list().dataset.records });
    spot.replaceChildren(...row.editor.elements);
  };
  const showOperators = (wanted, given) => {
    operator.replaceChildren(...field().operators.map((one) => new Option(one.label, one.key)));
    if (wanted) operator.value = wanted;
    showValue(given);
  };
  choice.addEventListener("change", () => showOperators());
  operator.addEventListener("change", () => showValue(row.editor.read()));
  showOperators(op, value);
  row.read = () => {
    const takes = field().operators.find((one) => one.key === operator.value).takes;
    const asked = { field: choice.value, op: operator.value };
    if (takes === "nothing") return asked;
    const read = row.editor.read();
    return read === null ? null : { ...asked, value: read };
  };
  return row;
}

function readGroup(group) {
  const join = group.querySelector(":scope > .filter-join select").value;
  const parts = [...group.querySelector(":scope > .filter-parts").children];
  return { [join]: parts.map((part) => (part.matches(".filter-row") ? part.read() : readGroup(part))) };
}

function send(event) {
  event.preventDefault();
  const wrong = [...root().querySelectorAll(".filter-row")].filter((row) => row.read() === null);
  for (const row of root().querySelectorAll(".filter-row")) {
    row.classList.toggle("is-wrong", wrong.includes(row));
    row.querySelector(".filter-wrong")?.remove();
    if (wrong.includes(row)) row.append(make("div", { className: "filter-wrong", role: "alert", textContent: words().missing }));
  }
  if (wrong.length) return void wrong[0].querySelector(".filter-value :is(input, select)")?.focus();
  const tree = readGroup(root().firstElementChild);
  dialog().close();
  go(addressWith({ filter: hasParts(tree) ? JSON.stringify(tree) : "" }));
}

const hasParts = (tree) => (tree.all ?? tree.any).some((part) => (part.all || part.any ? hasParts(part) : true));

document.addEventListener("submit", (event) => event.target.matches("[data-filter-form]") && send(event));
document.addEventListener("click", (event) => {
  const edit = event.target.closest("[data-filter-edit]");
  if (edit) openBuilder(Number(edit.dataset.filterEdit));
  else if (event.target.closest("[data-filter-add]")) openBuilder();
  else if (event.target.closest("[data-filter-clear]")) {
    dialog().close();
    go(addressWith({ filter: "" }));
  }
});
