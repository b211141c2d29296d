// Menus: <button popovertarget="id"> and <div class="menu" id="id" popover>; placed beside the button, walked with the arrow keys.
const EDGE = 8;

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height <= innerHeight - EDGE;
  const above = at.top - 4 - height >= EDGE;
  let top = below ? at.bottom + 4 : at.top - 4 - height;
  let left = at.right - width < EDGE || at.left < innerWidth / 2 ? at.left : at.right - width;
  if (!below && !above) {
    // Neither fits: stand beside it, like the menus of the sidebar do.
    top = innerHeight - EDGE - height;
    left = at.right + 4;
  }
  menu.style.top = `${Math.max(EDGE, top)}px`;
  menu.style.left = `${Math.min(Math.max(EDGE, left), innerWidth - width - EDGE)}px`;
}

function opener(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"][aria-expanded="true"]`)
    ?? document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

const items = (menu) => [...menu.querySelectorAll(".menu-item:not([hidden], :disabled)")];

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[popovertarget]");
  if (button) for (const other of document.querySelectorAll(`[popovertarget="${CSS.escape(button.getAttribute("popovertarget"))}"]`)) {
    other.setAttribute("aria-expanded", String(other === button));
  }
}, true);

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".menu[popover]")) return;
  const button = opener(menu);
  button?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open" || !button) return;
  place(menu, button);
  items(menu)[0]?.focus({ focusVisible: false });
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = items(menu);
  all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus();
});
