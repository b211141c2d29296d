// The writing bar's tabs: note, call, file. Arrow keys walk them, as in every list of tabs.

/** Show the panel of that name, with the cursor in it if wanted. */
export function openTab(bar, name, focus = true) {
  if (!bar) return;
  for (const tab of bar.querySelectorAll("[data-write-tab]")) {
    const isOpen = tab.dataset.writeTab === name;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
  }
  for (const panel of bar.querySelectorAll("[data-write-panel]")) panel.hidden = panel.dataset.writePanel !== name;
  if (focus) bar.querySelector(`[data-write-panel="${name}"]`)?.querySelector("[contenteditable], textarea, [data-upload]")?.focus();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-write-tab]");
  if (tab) openTab(tab.closest("[data-write]"), tab.dataset.writeTab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-write-tab]");
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !by) return;
  event.preventDefault();
  event.stopPropagation();
  const tabs = [...tab.parentElement.querySelectorAll("[data-write-tab]")];
  const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
  openTab(tab.closest("[data-write]"), next.dataset.writeTab, false);
  next.focus();
});
