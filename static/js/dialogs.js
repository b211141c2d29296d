// Dialogs: <button data-dialog="id"> opens <dialog id="id">, [data-dialog-close] inside closes it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    dialog?.showModal();
    dialog?.querySelector("[autofocus]")?.focus();
    return;
  }
  const dialog = event.target.closest?.("dialog");
  if (!dialog) return;
  // A click on the backdrop lands on the dialog itself.
  if (event.target.closest("[data-dialog-close]") || (event.target === dialog && outside(dialog, event))) dialog.close();
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();
