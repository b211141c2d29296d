// The list of products under a name that is being typed: arrows choose, Enter takes, Esc leaves it.
const PAUSE = 120;
let list = null; // { cell, box, products, chosen }
let turn = 0;

/** Whether products are being chosen for this cell: then what is typed isn't a name yet. */
export const isChoosing = (cell) => list?.cell === cell && list.chosen >= 0;

/** Take the list away. */
export function closeProducts() {
  turn += 1;
  list?.box.remove();
  list?.cell.removeAttribute("aria-activedescendant");
  list?.cell.setAttribute("aria-expanded", "false");
  list = null;
}

async function look(cell) {
  const mine = ++turn;
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (mine !== turn) return;
  const address = `${cell.closest("[data-items]").dataset.products}?${new URLSearchParams({ text: cell.value })}`;
  const { products } = await fetch(address).then((answer) => answer.json()).catch(() => ({ products: [] }));
  if (mine !== turn || document.activeElement !== cell) return;
  if (products.length) show(cell, products);
  else closeProducts();
}

function show(cell, products) {
  list?.box.remove();
  const box = Object.assign(document.createElement("ul"), { className: "products", id: "products" });
  box.setAttribute("role", "listbox");
  box.append(...products.map((product, index) => {
    const option = Object.assign(document.createElement("li"), { id: `product-${index}` });
    option.setAttribute("role", "option");
    option.append(Object.assign(document.createElement("span"), { className: "cut", textContent: product.name }));
    option.append(Object.assign(document.createElement("span"), { className: "muted num", textContent: product.told }));
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(index);
    });
    return option;
  }));
  cell.after(box);
  cell.setAttribute("role", "combobox");
  cell.setAttribute("aria-controls", "products");
  cell.setAttribute("aria-expanded", "true");
  list = { cell, box, products, chosen: -1 };
}

function choose(index) {
  list.chosen = index < list.products.length ? index : -1; // past the last one: back to what is typed
  [...list.box.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === list.chosen)));
  const option = list.box.children[list.chosen];
  if (option) list.cell.setAttribute("aria-activedescendant", option.id);
  else list.cell.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** The product's name, price, unit and tax into the row; what was typed there stays. */
function take(index) {
  const { cell, products } = list;
  const product = products[index];
  closeProducts();
  const row = cell.closest("tr");
  cell.value = product.name;
  if ("new" in row.dataset) {
    row.querySelector("[name=product]").value = product.id;
    for (const [name, value] of [["unit", product.unit], ["price", product.price], ["tax_rate", product.tax_rate === "0" ? "" : product.tax_rate]]) {
      const other = row.querySelector(`[name="${name}"]`);
      if (!other.value) other.value = value;
    }
    const quantity = row.querySelector("[name=quantity]");
    quantity.value ||= "1";
    quantity.focus();
    quantity.select();
  } else {
    cell.dataset.product = product.id;
    cell.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

document.addEventListener("input", (event) => {
  const cell = event.target.closest?.("[data-items] .item-name .cell");
  if (!cell) return;
  const product = cell.closest("tr").querySelector("[name=product]");
  if (product) product.value = "";
  delete cell.dataset.product;
  if (cell.value.trim()) look(cell);
  else closeProducts();
});
document.addEventListener("focusout", (event) => { if (event.target === list?.cell) closeProducts(); });
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-items] .item-name .cell");
  if (!cell) return;
  if (list?.cell !== cell) {
    if (event.key === "ArrowDown" && "new" in cell.closest("tr").dataset && !event.altKey) look(cell);
    return;
  }
  if (event.key === "ArrowDown" && !event.altKey) choose(list.chosen + 1);
  else if (event.key === "ArrowUp" && !event.altKey) choose(list.chosen < 0 ? list.products.length - 1 : list.chosen - 1);
  else if (event.key === "Enter" && list.chosen >= 0) take(list.chosen);
  else if (event.key === "Escape") closeProducts();
  else return;
  event.preventDefault();
}, { capture: true });
