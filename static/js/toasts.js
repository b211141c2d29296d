// Toasts: `toast("Moved to Offer", { undo: () => … })`. The server may ask for one with the event `toast` (HX-Trigger),
// or with <template data-toast data-kind="…" data-undo="/address/"> in a page.
import { post } from "./server.js";

const LIFE = 6000;
const WITH_UNDO = 10_000;
const icons = { info: "info-circle", success: "check", warning: "alert-triangle", error: "alert-circle" };

function tray() {
  const element = document.getElementById("toasts");
  // Shown anew each time, so that it lies above whatever opened meanwhile.
  if (element.matches(":popover-open")) element.hidePopover();
  element.showPopover();
  return element;
}

function symbol(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Say what happened. `undo` is a function; `kind` is info, success, warning or error. Returns a function that takes it away. */
export function toast(text, { kind = "success", undo = null, undoLabel = null, life = undo ? WITH_UNDO : LIFE } = {}) {
  const box = tray();
  const item = document.createElement("div");
  item.className = "note-toast";
  item.dataset.kind = kind;
  const words = document.createElement("span");
  words.textContent = text;
  item.append(symbol(icons[kind] ?? icons.info), words);

  let timer = null;
  const leave = () => {
    clearTimeout(timer);
    item.remove();
    if (!box.childElementCount) box.hidePopover();
  };
  const wait = () => { timer = setTimeout(leave, kind === "error" ? Math.max(life, WITH_UNDO) : life); };

  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = undoLabel ?? box.dataset.undo;
    button.addEventListener("click", () => { leave(); undo(); });
    item.append(button);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", box.dataset.close);
  close.textContent = "✕";
  close.addEventListener("click", leave);
  item.append(close);

  // Whoever reads or reaches for it gets the time to do so.
  for (const stay of ["pointerenter", "focusin"]) item.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["pointerleave", "focusout"]) item.addEventListener(go, wait);
  while (box.childElementCount > 2) box.firstElementChild.remove();
  box.append(item);
  wait();
  return leave;
}

/** Take back what the latest message tells of, while it can be seen; whether there was something to take back. */
export function undoLatest() {
  const button = [...document.querySelectorAll("#toasts button:not(.toast-close)")].at(-1);
  button?.click();
  return Boolean(button);
}

/** Show what the server asks for: {text, kind, undo: address}. */
function show({ text, kind, undo }) {
  toast(text, { kind, undo: undo ? () => undoAt(undo) : null });
}

async function undoAt(address) {
  const answer = await post(address).catch(() => null);
  if (answer?.ok) location.reload();
  else toast(document.getElementById("toasts").dataset.failed, { kind: "error" });
}

document.addEventListener("toast", (event) => show(event.detail));

for (const template of document.querySelectorAll("template[data-toast]")) {
  show({ text: template.content.textContent.trim(), kind: template.dataset.kind, undo: template.dataset.undo });
}
