// Lists and forms of contacts and companies: filters act at once, names are suggested, and namesakes are shown before they are added.
import "./combobox.js";
import "./picker.js";
import "./rows.js";

const PAUSE = 250;

function later(work) {
  let timer = null;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), PAUSE);
  };
}

const filters = document.querySelector("[data-client-filters]");
filters?.addEventListener("change", (event) => { if (event.target.matches("select")) filters.requestSubmit(); });
// Empty fields stay out of the address.
filters?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

const form = document.querySelector("[data-duplicates-from]");
let asked = 0;
form?.addEventListener("input", later(async () => {
  const fields = new FormData(form);
  const query = new URLSearchParams();
  for (const [name, value] of fields) {
    const part = name === "name" || name === "company" ? name : name.endsWith(".address") ? "email" : name.endsWith(".number") ? "phone" : "";
    if (part && value.trim()) query.append(part, value);
  }
  const turn = ++asked;
  const answer = await fetch(`${form.dataset.duplicatesFrom}?${query}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-duplicates]");
  const place = form.querySelector("[data-duplicates-here]");
  // The same again is neither said again nor taken from under a finger. News stand below what is being typed: nothing above it jumps.
  if ((place.firstElementChild?.outerHTML ?? "") === (found?.outerHTML ?? "")) return;
  place.replaceChildren(...(found ? [found] : []));
  form.querySelector(".field:focus-within")?.after(place);
}));
form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (!button) return;
  const field = form.elements.company;
  field.value = button.dataset.use;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
