// A choice of several (<details data-picker>): it opens from one line, and tells of a change when it is closed or left.
const inputOf = (picker) => picker.querySelector("input[name]");
const optionsOf = (picker) => [...picker.querySelectorAll("[data-picker-option]")];

/** Show what the input holds. */
export function show(picker) {
  const chosen = inputOf(picker).value.split(",");
  for (const option of optionsOf(picker)) option.checked = chosen.includes(option.value);
  say(picker);
}

/** Carry an open picker over to the same one that has just been read, with what is ticked there by now. */
export function carryOpen(section, fresh) {
  for (const picker of section.querySelectorAll("[data-picker][open]")) {
    const again = fresh.querySelector(`[name="${inputOf(picker).name}"]`)?.closest("[data-picker]");
    if (!again) continue;
    again.open = true;
    inputOf(again).value = inputOf(picker).value;
    show(again);
  }
}

function say(picker) {
  const words = optionsOf(picker).filter((option) => option.checked).map((option) => option.parentElement.textContent.trim());
  picker.querySelector("[data-picker-words]").textContent = words.join(", ") || "–";
}

function tell(picker) {
  const input = inputOf(picker);
  if (!picker.isConnected || input.value === (input.dataset.told ?? input.defaultValue)) return;
  input.dataset.told = input.value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  const picker = event.target.closest?.("[data-picker-option]")?.closest("[data-picker]");
  if (!picker) return;
  inputOf(picker).value = optionsOf(picker).filter((option) => option.checked).map((option) => option.value).join(",");
  say(picker);
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-picker]:not([open])")) tell(event.target);
}, true);
document.addEventListener("focusout", (event) => {
  const picker = event.target.closest?.("[data-picker]");
  if (picker && event.relatedTarget && !picker.contains(event.relatedTarget)) picker.open = false;
});
document.addEventListener("pointerdown", (event) => {
  for (const picker of document.querySelectorAll("[data-picker][open]")) if (!picker.contains(event.target)) picker.open = false;
});
document.addEventListener("keydown", (event) => {
  const picker = event.key === "Escape" && event.target.closest?.("[data-picker][open]");
  if (!picker) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // it closes the list alone, not what lies under it
  picker.open = false;
  picker.querySelector("summary").focus();
}, true);
