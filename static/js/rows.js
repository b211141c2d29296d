// Rows that are one value together: e-mails, phones, addresses, links, tags. Add, remove, make main, by `[data-rows]`.
// An input's `data-key` is its part of the row; the empty key makes the row a plain string.

/** The rows that this input is part of. */
export const rowsOf = (input) => input.closest("[data-rows]");
const rowOf = (input) => input.closest("[data-row]");

/** What an input holds; as the server keeps it while nobody has changed how it is shown. */
function read(input) {
  return input.value === input.defaultValue && "stored" in input.dataset ? input.dataset.stored : input.value.trim();
}

/** The value as the server takes it: of rows JSON without empty ones. */
export function valueOf(field) {
  if (!field.dataset.rows) return field.value;
  const rows = [];
  for (const row of field.querySelectorAll("[data-row]")) {
    const inputs = [...row.querySelectorAll("[data-key]")];
    if (!inputs.some((input) => input.dataset.key !== "label" && read(input))) continue;
    rows.push("" in Object.fromEntries(inputs.map((input) => [input.dataset.key, 1])) ? read(inputs[0])
      : Object.fromEntries(inputs.map((input) => [input.dataset.key, read(input)])));
  }
  return JSON.stringify(rows);
}

function add(field) {
  const list = field.querySelector("[data-row-list]");
  const empty = [...list.querySelectorAll("[data-row]")].find((row) => [...row.querySelectorAll("input")].every((input) => !input.value));
  if (empty) return empty.querySelector("input").focus();
  const row = field.querySelector("template[data-blank]").content.firstElementChild.cloneNode(true);
  const place = Date.now() % 1_000_000 + 100; // behind those that are there
  for (const input of row.querySelectorAll("[name]")) input.name = input.name.replace("__", place);
  list.append(row);
  row.querySelector("input").focus();
}

const changed = (field) => field.dispatchEvent(new CustomEvent("rows:changed", { bubbles: true }));

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-row-add], [data-row-remove], [data-row-main]");
  const field = button && rowsOf(button);
  if (!field) return;
  if ("rowAdd" in button.dataset) return add(field);
  const row = rowOf(button);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if ("rowMain" in button.dataset) row.parentElement.prepend(row);
  else row.remove();
  ((("rowMain" in button.dataset) ? row : next)?.querySelector("input:not([type=hidden])") ?? field.querySelector("[data-row-add]"))?.focus();
  changed(field);
});
