// The search over everything: Ctrl K, or “/” where the page has no search of its own.
import { noted } from "./recent.js";

const PAUSE = 80;
const palette = document.querySelector("[data-palette]");
const field = palette?.querySelector("[role=combobox]");
const list = palette?.querySelector("[role=listbox]");
const said = palette?.querySelector("[data-said]");
let asking = null;
let timer = 0;
let shown = null; // the text whose answer stands in the list
let entered = false; // Enter was pressed before the answer came

export function openPalette() {
  if (palette.open) return field.select();
  palette.showModal();
  field.select();
  ask();
}

function ask() {
  clearTimeout(timer);
  asking?.abort();
  const text = field.value.trim();
  const mine = (asking = new AbortController());
  const query = new URLSearchParams(text ? { q: text } : { recent: noted(palette.dataset.user).join(",") });
  fetch(`${palette.dataset.palette}?${query}`, { signal: mine.signal, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
    .then(async (answer) => {
      if (answer.redirected) return location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (mine === asking) show(html, text); // an older answer that comes late is dropped
    })
    .catch((error) => {
      if (error.name === "AbortError" || mine !== asking) return;
      list.classList.remove("is-old");
      said.textContent = palette.dataset.failed;
      const words = document.createElement("p");
      words.className = "palette-none muted";
      words.textContent = palette.dataset.failed;
      list.replaceChildren(words);
      choose(null);
    });
}

function show(html, text) {
  list.innerHTML = html; // the server's own fragment
  list.classList.remove("is-old");
  list.scrollTop = 0;
  shown = text;
  choose(options()[0]);
  said.textContent = list.querySelector(".palette-none strong")?.textContent ?? "";
  if (entered) go(chosen(), false);
  entered = false;
}

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector('[role=option][aria-selected="true"]');

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function step(by) {
  const all = options();
  if (all.length) choose(all.at((all.indexOf(chosen()) + by) % all.length));
}

function go(option, aside) {
  if (!option) return;
  if (aside && option.href) {
    noted(palette.dataset.user, option.dataset.record);
    window.open(option.href, "_blank", "noopener");
  } else {
    option.click();
  }
}

if (palette) { // not where nobody is signed in
  field.addEventListener("input", () => {
    list.classList.add("is-old");
    entered = false;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) step(move);
    else if (event.key === "PageDown" || event.key === "PageUp") choose(options().at(event.key === "PageDown" ? -1 : 0));
    else if (event.key === "Enter") {
      if (shown === field.value.trim() || event.ctrlKey || event.metaKey) go(chosen(), event.ctrlKey || event.metaKey);
      else {
        entered = true; // what is meant is not here yet: go when it is
        ask();
      }
    } else return;
    event.preventDefault();
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  list.addEventListener("pointerdown", (event) => { if (event.button === 0) event.preventDefault(); }); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    noted(palette.dataset.user, option.dataset.record);
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) palette.close();
  });

  document.addEventListener("keydown", (event) => {
    const isK = event.code === "KeyK" || event.key.toLowerCase() === "k"; // whatever the keyboard's layout
    if (isK && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      if (document.querySelector("dialog[open]:not([data-palette])")) return;
      event.preventDefault();
      return openPalette();
    }
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isSlash && !event.defaultPrevented && !document.querySelector("[data-search]") && !event.target.closest?.("input, textarea, select, [contenteditable], dialog")) {
      event.preventDefault();
      openPalette();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-open-palette]")) openPalette(); });
}
