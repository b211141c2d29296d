// Next steps and notes, wherever they stand: in the drawer, on a page, in My day. Listens on the document, since fragments come and go.
//   <form data-activity-form action> and <button data-act="/tasks/5/done/" data-day="tomorrow"> post; the answer brings the fragment
//   anew and, in <template data-told data-undo>, what to say and the way back.
import { ask } from "./board-page.js";
import { toast } from "./toasts.js";
import { showTyped } from "./editor.js";
import "./when.js";
import { openTab } from "./write-tabs.js";
import { onFiles } from "./write-files.js";
import "./write-keys.js";

/** Change something; resolves to true when the server took it. */
async function act(address, fields, patience) {
  try {
    const content = await ask(address, { fields, patience });
    follow(content);
    return true;
  } catch (refusal) {
    // A form comes back with its errors beside the fields; anything else is said.
    if (!take(refusal.content)) toast(refusal.message, { kind: "error" });
    return false;
  }
}

/** The page follows an answer: fresh fragments, what to say with its way back, and whatever else shows what was changed. */
export function follow(content) {
  take(content);
  tell(content.querySelector("template[data-told]"));
  document.dispatchEvent(new CustomEvent("deal:edited"));
  document.dispatchEvent(new CustomEvent("activity:changed"));
  readTimelines();
}

/** Put fresh fragments in the place of old ones; what is half typed elsewhere in them stays. */
function take(content) {
  const fresh = content?.querySelector("[data-activities]");
  if (!fresh) return false;
  const old = document.querySelector(`[data-activities="${CSS.escape(fresh.dataset.activities)}"]`);
  if (!old) return false;
  putDraftsAside(old);
  const spot = spotOf(old);
  keepTab(old, fresh);
  old.replaceWith(fresh);
  bringDraftsBack(fresh);
  if (spot) (fresh.querySelector("[aria-invalid]") ?? fresh.querySelector(spot))?.focus({ preventScroll: true });
  return true;
}

function tell(template) {
  if (!template) return;
  const { undo } = template.dataset;
  const fields = fieldsOf(template);
  toast(template.content.textContent.trim(), { undo: undo ? () => act(undo, fields) : null });
}

/** What `data-field-…` and `data-day` say is to be sent. */
function fieldsOf({ dataset }) {
  const fields = Object.entries(dataset).filter(([name]) => name.startsWith("field"))
    .map(([name, value]) => [name.slice(5).replace(/^./, (letter) => letter.toLowerCase()), value]);
  return Object.fromEntries(dataset.day ? [...fields, ["day", dataset.day]] : fields);
}

const drafts = new Map(); // form → what was typed there and not sent

/** Keep what is typed but not sent within an element that is read again, or left for another deal. */
export function putDraftsAside(within) {
  for (const form of within.querySelectorAll("[data-activity-form][data-typed]")) drafts.set(form.getAttribute("action"), [...new FormData(form)]);
}

/** Give back what was put aside. */
export function bringDraftsBack(within) {
  for (const form of within.querySelectorAll("[data-activity-form]")) {
    const kept = drafts.get(form.getAttribute("action"));
    if (!kept) continue;
    drafts.delete(form.getAttribute("action"));
    for (const [name, value] of kept) if (form.elements[name] && form.elements[name].type !== "hidden") form.elements[name].value = value;
    form.dataset.typed = "";
  }
  showTyped(within);
}

/** The tab that is open stays open, unless the server opens another to show what is wrong. */
function keepTab(old, fresh) {
  const open = old.querySelector("[data-write-tab][aria-selected=true]")?.dataset.writeTab;
  if (open && !fresh.querySelector("[data-write-panel]:not([hidden]) .field-error")) openTab(fresh.querySelector("[data-write]"), open, false);
}

/** A selector for what has the focus, to find its like in the fragment that comes. */
function spotOf(room) {
  const active = document.activeElement;
  if (!room.contains(active)) return null;
  if (active.closest("form")?.closest("[data-write]")) return "[data-write-tab][aria-selected=true]"; // where N and C are keys again
  const form = active.closest("form")?.getAttribute("action");
  return form ? ["[name=title]", "[contenteditable]", "[name=words]"].map((field) => `[action="${form}"] ${field}`).join() : ".tick, [name=title]";
}

/** Read the timelines of the page again, as far back as they are shown. */
export async function readTimelines() {
  for (const old of document.querySelectorAll("[data-timeline]")) {
    const shown = old.querySelectorAll("[data-entry]").length;
    const address = `${old.dataset.timeline}${old.dataset.timeline.includes("?") ? "&" : "?"}shown=${shown}`;
    const content = await ask(address).catch(() => null);
    const fresh = content?.querySelector("[data-timeline]");
    if (!fresh || !old.isConnected) continue;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
  }
}

const UPLOAD_PATIENCE = 10 * 60_000;
onFiles((address, form) => act(address, form, UPLOAD_PATIENCE));

document.addEventListener("voronka:touched", readTimelines);
document.addEventListener("voronka:changed", ({ detail }) => { if (detail.everything) readTimelines(); });

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("[data-activity-form]");
  if (!form) return;
  event.preventDefault();
  if (form.classList.contains("is-sending")) return;
  form.classList.add("is-sending");
  const typed = form.hasAttribute("data-typed");
  form.removeAttribute("data-typed"); // what was sent is no draft any more
  if (!await act(form.getAttribute("action"), new FormData(form)) && typed && form.isConnected) form.dataset.typed = "";
  form.classList.remove("is-sending");
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-activity-form]");
  if (form) form.dataset.typed = "";
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-activity-form]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape" && form?.closest("[data-write]") && !event.defaultPrevented) {
    // What is typed stays; the keys of the page work again.
    event.preventDefault();
    event.stopImmediatePropagation();
    form.closest("[data-write]").querySelector("[data-write-tab][aria-selected=true]").focus();
  }
});

document.addEventListener("click", async (event) => {
  const other = event.target.closest?.("[data-reschedule]");
  if (other) return openOther(other);
  const button = event.target.closest?.("[data-act]");
  if (!button || button.disabled) return;
  button.disabled = true;
  if (button.matches("[role=checkbox]")) {
    button.setAttribute("aria-checked", "true");
    button.closest("[data-task]")?.classList.add("is-done");
  }
  if (await act(button.dataset.act, fieldsOf(button))) return;
  button.disabled = false;
  if (button.matches("[role=checkbox]")) {
    button.setAttribute("aria-checked", "false");
    button.closest("[data-task]")?.classList.remove("is-done");
  }
});

// The rarer fields of a task are fetched when they are wanted: most steps are planned by what and when.
document.addEventListener("toggle", async (event) => {
  const room = event.target.matches?.("[data-more]") && event.target.open && event.target.querySelector("[data-more-fields]");
  if (!room || room.childElementCount) return;
  const content = await ask(event.target.dataset.more).catch(() => null);
  if (!content) return;
  room.replaceChildren(content);
  room.querySelector("input, select")?.focus();
}, true);

function openOther(button) {
  const form = button.closest("li").querySelector("form");
  form.hidden = !form.hidden;
  button.setAttribute("aria-expanded", String(!form.hidden));
  if (!form.hidden) form.querySelector("[name=title], [name=due]").focus();
}
