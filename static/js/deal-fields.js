// Fields of a deal edited in place: each is saved when it is left, guarded by the value that was seen.
import { ask, Refusal } from "./board-page.js";
import { toast } from "./toasts.js";

async function save(field, { seen = field.dataset.was } = {}) {
  const section = field.closest("[data-fields]");
  field.classList.add("is-saving");
  const named = field.name;
  try {
    const content = await ask(section.dataset.post, { fields: { field: named, value: field.value, was: seen } });
    show(section, content, named);
  } catch (refusal) {
    if (refusal.status === 412 && refusal.content?.querySelector("[data-fields]")) return show(section, refusal.content, named);
    if (!(refusal instanceof Refusal)) throw refusal;
    // What was typed stays, marked, with the reason.
    field.classList.add("is-wrong");
    field.setAttribute("aria-invalid", "true");
    toast(refusal.message, { kind: "error" });
  } finally {
    field.classList.remove("is-saving");
  }
}

function show(section, content, named) {
  const fresh = content.firstElementChild;
  // Another field that is being typed into keeps its text.
  const typing = section.contains(document.activeElement) ? document.activeElement : null;
  section.replaceWith(fresh);
  const again = typing?.name && fresh.querySelector(`[name="${typing.name}"]`);
  if (again) {
    if (typing.name !== named && typing.value !== typing.defaultValue && typing.matches("input")) {
      again.value = typing.value;
      again.dataset.unsaved = ""; // typed before this answer came: no change event will tell of it
    }
    again.focus({ preventScroll: true });
  }
  const title = fresh.querySelector("[name=title]")?.value;
  if (title) document.querySelectorAll("[data-deal-heading]").forEach((heading) => { heading.textContent = title; });
  document.dispatchEvent(new CustomEvent("deal:edited"));
}

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-fields] .input");
  if (!field) return;
  delete field.dataset.unsaved;
  save(field);
});
document.addEventListener("focusout", (event) => {
  const field = event.target.closest?.("[data-unsaved]");
  if (!field) return;
  delete field.dataset.unsaved;
  save(field);
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-fields] input");
  if (field && event.key === "Enter") field.blur();
});
document.addEventListener("click", (event) => {
  const mine = event.target.closest?.("[data-mine]");
  if (!mine) return;
  const field = mine.closest("[data-fields]").querySelector(`[name="${mine.dataset.mineField}"]`);
  field.value = mine.dataset.mine;
  save(field);
});

let asked = 0;
document.addEventListener("input", async (event) => {
  const field = event.target.closest?.("[data-suggest]");
  if (!field || !field.value.trim()) return;
  const turn = ++asked;
  await new Promise((resolve) => setTimeout(resolve, 150));
  if (turn !== asked) return;
  const query = new URLSearchParams({ field: field.name, text: field.value });
  const { names } = await fetch(`${field.dataset.suggest}?${query}`).then((response) => response.json()).catch(() => ({ names: [] }));
  if (turn === asked) field.list?.replaceChildren(...names.map((name) => new Option(name, name)));
});
