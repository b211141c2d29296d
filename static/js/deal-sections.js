// Sections of a deal's page that answer a change by themselves anew: items, quotes, competitors, checklist.
//   <section data-section="quotes"> holds <form data-section-form action>, <button data-section-act="/address/" data-send="a=b">
//   and <select data-section-select="/address/">. The answer brings the section, perhaps the fields, and what to say with its way back.
import { ask } from "./board-page.js";
import { readTimelines } from "./activities.js";
import { keepFields } from "./fields.js";
import { toast } from "./toasts.js";

/** Change something; resolves to the answer's content. Rejects with a Refusal, whose content (if any) has been taken. */
export async function change(address, fields = {}) {
  let content;
  try {
    content = await ask(address, { fields });
  } catch (refusal) {
    if (refusal.content) take(refusal.content);
    throw refusal;
  }
  take(content);
  tell(content.querySelector("template[data-told]"));
  document.dispatchEvent(new CustomEvent("deal:edited"));
  readTimelines();
  return content;
}

/** Put what came in the place of its like; whoever is on something stays on its like. */
function take(content) {
  for (const fresh of content.querySelectorAll("[data-section]")) {
    const old = document.querySelector(`[data-section="${fresh.dataset.section}"]`);
    if (!old) continue;
    const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    document.dispatchEvent(new CustomEvent("deal:section", { detail: { old, fresh } }));
    old.replaceWith(fresh);
    if (key) (fresh.querySelector(`[data-key="${key}"]`) ?? fresh.querySelector("[data-key]"))?.focus({ preventScroll: true });
  }
  const fields = content.querySelector("[data-fields]");
  const old = fields && document.querySelector(`[data-fields][data-post="${fields.dataset.post}"]`);
  if (!old || old.contains(document.activeElement)) return;
  keepFields(content);
  old.replaceWith(fields);
}

function tell(template) {
  if (!template) return;
  const { undo } = template.dataset;
  const fields = Object.fromEntries(Object.entries(template.dataset).filter(([name]) => name.startsWith("field"))
    .map(([name, value]) => [name.slice(5).replace(/^./, (letter) => letter.toLowerCase()), value]));
  const back = () => change(undo, fields).then(() => document.dispatchEvent(new CustomEvent("deal:stale"))).catch(complain);
  toast(template.content.textContent.trim(), { undo: undo ? back : null });
}

/** Say why not. */
export function complain(refusal) {
  toast(refusal.message, { kind: "error" });
}

/** The section as the server has it: what was shown before a refusal may be old. */
async function send(element, address, fields) {
  if (element.ariaBusy) return;
  element.ariaBusy = "true";
  await change(address, fields).catch(complain);
  element.ariaBusy = null;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("[data-section-form]");
  if (!form) return;
  event.preventDefault();
  send(form, form.getAttribute("action"), new FormData(form));
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-section-act]");
  if (button && !button.disabled) send(button, button.dataset.sectionAct, Object.fromEntries(new URLSearchParams(button.dataset.send)));
});
document.addEventListener("change", (event) => {
  const select = event.target.closest?.("[data-section-select]");
  if (!select) return;
  const before = [...select.options].find((option) => option.defaultSelected);
  change(select.dataset.sectionSelect, { [select.name]: select.value }).catch((refusal) => {
    if (before) select.value = before.value;
    complain(refusal);
  });
});
