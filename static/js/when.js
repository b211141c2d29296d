// Times typed as people say them: shows how they are read while they are typed, and fills them in from the browser's own calendar.
const PAUSE = 200;
let asked = 0;

/** Where it is said how a time is read: the form's own place, or one below the field. */
function wordsOf(field) {
  const known = (field.closest(".field") ?? field.closest("form")).querySelector("[data-when-words]");
  if (known) return known;
  const place = document.createElement("span");
  place.className = "when-words muted small";
  place.dataset.whenWords = "";
  place.setAttribute("aria-live", "polite");
  field.after(place);
  return place;
}

async function explain(field) {
  const turn = ++asked;
  const place = wordsOf(field);
  if (!field.value.trim()) {
    place.textContent = "";
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (turn !== asked) return;
  const answer = await fetch(`${field.dataset.when}?${new URLSearchParams({ text: field.value })}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { words, past } = await answer.json().catch(() => ({ words: "" }));
  place.textContent = words && words !== field.value.trim() ? `= ${words}` : "";
  place.classList.toggle("danger", Boolean(past));
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-when]")) explain(event.target);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-when]")) event.target.select();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-when-pick]");
  if (!button) return;
  const native = button.parentElement.querySelector("[data-when-native]");
  try {
    native.showPicker();
  } catch { // an old browser: the field itself can be typed into
    native.focus();
  }
});
document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-when-native]") || !event.target.value) return;
  const field = event.target.parentElement.querySelector("[data-when]");
  field.value = event.target.value.replace("T", " ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
