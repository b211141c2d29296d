// Names to choose from under a field that names a record, with a line of its own for a new one: what is there already isn't added
// a second time by half of its name. `data-suggest` tells where names come from, `data-new` what the line for a new one says.
const PAUSE = 150;
let asked = 0;
let waiting = null; // the field whose names are still to come, and whether Enter was pressed meanwhile
let open = null; // the field and its list

const same = (one, other) => one.localeCompare(other, undefined, { sensitivity: "base" }) === 0;

document.addEventListener("input", async (event) => {
  const field = event.target.closest?.("[data-suggest]");
  if (!field || !event.isTrusted) return;
  close();
  const turn = ++asked;
  waiting = null;
  if (!field.value.trim()) return;
  waiting = { field, entered: false };
  await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  if (turn !== asked) return;
  const query = new URLSearchParams({ field: field.name, text: field.value });
  const { names } = await fetch(`${field.dataset.suggest}?${query}`).then((answer) => answer.json()).catch(() => ({ names: [] }));
  if (turn !== asked) return;
  const entered = waiting?.entered;
  waiting = null;
  if (document.activeElement !== field) return;
  show(field, names);
  // Enter came first: what is meant without a doubt is taken.
  if (entered && (names.length === 0 || names.some((name) => same(name, field.value.trim())))) enter(field);
});

function show(field, names) {
  const typed = field.value.trim();
  const list = document.createElement("ul");
  list.id = "names-to-choose";
  list.className = "combobox";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.querySelector("span")?.textContent.trim() || field.labels?.[0]?.textContent.trim() || field.name);
  const known = [...names].sort((one, other) => same(other, typed) - same(one, typed));
  for (const name of known) list.append(line(name, name));
  if (!names.some((name) => same(name, typed))) list.append(line(typed, field.dataset.new.replace("%name%", () => typed), "combobox-new"));
  [...list.children].forEach((item, place) => { item.id = `names-to-choose-${place}`; });
  (field.closest("dialog, main") ?? document.body).append(list);
  const box = field.getBoundingClientRect();
  Object.assign(list.style, { left: `${box.left}px`, width: `${box.width}px`, top: `${box.bottom + 2}px` });
  open = { field, list };
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", list.id);
  point(list.firstElementChild);
}

function line(name, words, look = "") {
  const item = document.createElement("li");
  Object.assign(item, { textContent: words, className: look, dir: "auto" });
  item.setAttribute("role", "option");
  item.dataset.name = name;
  return item;
}

function point(item) {
  for (const other of open.list.children) other.setAttribute("aria-selected", String(other === item));
  open.field.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

const pointed = () => open.list.querySelector('[aria-selected="true"]');

function close() {
  if (!open) return;
  const { field, list } = open;
  open = null;
  list.remove();
  for (const name of ["role", "aria-expanded", "aria-controls", "aria-activedescendant"]) field.removeAttribute(name);
}

/** Put the name that is pointed at into the field. A field that is saved in place is saved when it is left, as if it had been typed. */
function choose() {
  const { field } = open;
  field.value = pointed().dataset.name;
  if (field.closest("[data-fields]")) field.dataset.unsaved = "";
  close();
}

/** Choose, and tell the field of Enter: the browser, which would tell of the typing too, doesn't hear of it. */
function enter(field) {
  choose();
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}

// Before whoever else listens to these keys.
window.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.isTrusted && waiting?.field === event.target) {
    waiting.entered = true;
    stop(event);
  }
  if (!open || event.target !== open.field) return;
  const items = [...open.list.children];
  const place = items.indexOf(pointed());
  if (event.key === "ArrowDown") point(items[(place + 1) % items.length]);
  else if (event.key === "ArrowUp") point(items.at(place - 1));
  else if (event.key === "Escape") close();
  else if (event.key === "Enter") enter(open.field); // for a field in place this saves it; a form is not sent yet
  else return;
  stop(event);
}, true);

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(".combobox [role=option]");
  if (!item || !open) return;
  event.preventDefault();
  point(item);
  const { field } = open;
  choose();
  field.focus();
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".combobox")) event.preventDefault(); // the focus stays in the field
});
document.addEventListener("focusout", (event) => { if (event.target === open?.field) close(); });
document.addEventListener("scroll", (event) => { if (open && !open.list.contains(event.target)) close(); }, true);
