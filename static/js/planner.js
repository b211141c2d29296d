// Meetings and tasks are planned and changed in a dialog above the page that one is on: <a data-plan href> opens what its address has.
import { ask } from "./board-page.js";
import { follow } from "./activities.js";
import { toast } from "./toasts.js";
import "./when.js";

const PART = { "X-Part": "dialog" };
const dialog = document.createElement("dialog");
dialog.className = "dialog plan-dialog";
dialog.setAttribute("aria-labelledby", "plan-title");
document.body.append(dialog);
let shown = null; // the address of what stands in it

/** Show the form that an address has; what was typed there before and not sent is still in it. */
export async function plan(address) {
  if (address !== shown || !dialog.querySelector("[data-typed]")) {
    try {
      put(await ask(address, { extra: PART }));
      shown = address;
    } catch (refusal) {
      return toast(refusal.message, { kind: "error" });
    }
  }
  if (!dialog.open) dialog.showModal();
  const field = dialog.querySelector("[autofocus], input:not([type=hidden])");
  field?.focus();
  if (field && "whole" in field.dataset) field.select(); // a suggestion: typing replaces it
  else if (field?.value) field.setSelectionRange?.(field.value.length, field.value.length);
}

function put(content) {
  dialog.replaceChildren(content);
  for (const field of dialog.querySelectorAll("[data-when]")) if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
  dialog.querySelector("[data-typed]")?.removeAttribute("data-typed");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-plan]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  link.closest("[popover]")?.hidePopover();
  plan(link.href);
});

dialog.addEventListener("input", (event) => {
  if (event.isTrusted && event.target.form) event.target.form.dataset.typed = "";
});

dialog.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.classList.contains("is-sending")) return;
  form.classList.add("is-sending");
  try {
    leave(await ask(form.getAttribute("action"), { fields: new FormData(form), extra: PART }));
  } catch (refusal) {
    if (refusal.content?.querySelector("[data-plan-form]")) {
      put(refusal.content);
      (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("[role=alert]"))?.focus();
      dialog.querySelector("[data-plan-form]").dataset.typed = "";
    } else toast(refusal.message, { kind: "error" });
  }
  form.classList.remove("is-sending");
});

// An act of what is shown, beside its form: called off, held, done.
dialog.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-plan-act]");
  if (!button) return;
  button.disabled = true;
  try {
    leave(await ask(button.dataset.planAct, { fields: button.name ? { [button.name]: button.value } : {} }));
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
    button.disabled = false;
  }
});

/** What was made opens: beside the page where it has room for it, else as the page. */
function open(made) {
  if (!made) return;
  const told = new CustomEvent("deal:made", { detail: { id: made.dataset.dealId, words: made.content.textContent.trim() }, cancelable: true });
  if (document.dispatchEvent(told)) location.assign(made.dataset.made);
}

/** It is done: the focus goes back to where it came from before the page follows. */
function leave(content) {
  dialog.close();
  dialog.replaceChildren();
  shown = null;
  follow(content);
  open(content.querySelector("template[data-made]"));
}
