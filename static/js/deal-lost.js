// Asking why a deal was lost.
import { ask } from "./board-page.js";

const dialog = document.getElementById("lost-dialog");
let loaded = null;

/** Fetch the reasons ahead of need, so that the dialog opens at once. */
export function prepareReasons() {
  loaded ??= ask(dialog.querySelector("[data-reasons]").dataset.reasons).then((content) => {
    dialog.querySelector("[data-reasons]").replaceChildren(content);
  }).catch((refusal) => {
    loaded = null;
    throw refusal;
  });
  return loaded;
}

/** Open the dialog; resolves to {lost_reason} or {new_reason}, or to null when it was cancelled. */
export async function chooseReason() {
  try {
    await prepareReasons();
  } catch {
    dialog.querySelector("[data-reasons]").textContent = "";
  }
  const form = dialog.querySelector("form");
  form.reset();
  require(form);
  dialog.returnValue = "";
  dialog.showModal();
  form.querySelector("input")?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = new FormData(form);
      const [lost_reason, new_reason] = [given.get("lost_reason"), given.get("new_reason")?.trim()];
      if (dialog.returnValue !== "lost" || !(lost_reason || new_reason)) return resolve(null);
      const lost_to = given.get("lost_to")?.trim();
      resolve({ ...(new_reason ? { new_reason } : { lost_reason }), ...(lost_to ? { lost_to } : {}) });
    }, { once: true });
  });
}

// A reason that is typed makes the choice unnecessary, and the other way round.
function require(form) {
  const typed = form.querySelector("[name=new_reason]");
  const choices = [...form.querySelectorAll("[name=lost_reason]")];
  const check = () => choices.forEach((choice) => { choice.required = !typed?.value.trim(); });
  typed?.addEventListener("input", check);
  choices.forEach((choice) => choice.addEventListener("change", () => { if (typed) typed.value = ""; }));
  check();
}
