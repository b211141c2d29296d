// Deleting a record: <a data-delete href> asks in a dialog. A page of the record's own then leads to its list; beside a board or a day
// the deal leaves the drawer, and the document hears of it by `record:deleted` and `record:restored` with {id, stage}.
import { headers } from "./server.js";
import { toast } from "./toasts.js";

let opener = null;

function dialog() {
  const known = document.getElementById("delete-dialog");
  if (known) return known;
  const made = Object.assign(document.createElement("dialog"), { className: "dialog", id: "delete-dialog" });
  made.setAttribute("aria-labelledby", "delete-title");
  // The menu that held the way here is closed: whoever thinks again stands on its button.
  made.addEventListener("close", () => opener?.isConnected && opener.focus({ preventScroll: true }));
  return document.body.appendChild(made);
}

const ask = (address, more = {}) => fetch(address, { ...more, headers: { ...headers(), "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);

async function reasonOf(answer) {
  if (!answer) return document.getElementById("toasts").dataset.offline;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[data-reason]")].map((item) => item.textContent.trim()).join(" ") || document.getElementById("toasts").dataset.failed;
}

const complain = async (answer) => toast(await reasonOf(answer), { kind: "error" });

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-delete]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const menu = link.closest("[popover]");
  opener = document.querySelector(`[popovertarget="${CSS.escape(menu?.id ?? "")}"]`);
  menu?.hidePopover();
  const answer = await ask(link.href);
  if (!answer?.ok) return complain(answer);
  const box = dialog();
  box.innerHTML = await answer.text();
  box.showModal();
  box.querySelector("[autofocus]").focus();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-delete-form]");
  const drawn = document.querySelector("#drawer [data-deal]");
  if (!form || drawn?.dataset.deal !== form.dataset.record) return; // a page of its own goes the usual way
  event.preventDefault();
  const detail = { id: drawn.dataset.deal, stage: drawn.dataset.stage };
  const answer = await ask(form.action, { method: "POST", body: new FormData(form) });
  opener = null;
  form.closest("dialog").close();
  if (!answer?.ok) return complain(answer);
  const { text, undo } = await answer.json();
  document.dispatchEvent(new CustomEvent("record:deleted", { detail }));
  toast(text, { undo: () => bringBack(undo, detail) });
});

async function bringBack(address, detail) {
  const answer = await ask(address, { method: "POST" });
  if (!answer?.ok) return complain(answer);
  toast((await answer.json()).text);
  document.dispatchEvent(new CustomEvent("record:restored", { detail }));
}
