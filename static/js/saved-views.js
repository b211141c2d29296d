// Saved views: the dialogs that keep and rename them, and the acts of their menu.
import { act, list } from "./list-page.js";
import { toast } from "./toasts.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-view-form]");
  if (!form) return;
  event.preventDefault();
  const fields = new FormData(form);
  if (!form.hasAttribute("data-keep-query")) {
    fields.set("query", list().dataset.query);
    fields.set("layout", list().dataset.layout);
  }
  const error = form.querySelector("[data-view-error]");
  const dialog = form.closest("dialog");
  const wrong = await act(form.getAttribute("action"), fields);
  error.textContent = wrong;
  error.hidden = !wrong;
  if (!wrong) dialog.close();
  else form.elements.name.focus();
});

document.addEventListener("click", async (event) => {
  const save = event.target.closest("[data-view-save]");
  const post = event.target.closest("[data-view-post]");
  const pin = event.target.closest("[data-pin]");
  const button = save ?? post ?? pin;
  if (!button) return;
  button.closest("[popover]")?.hidePopover();
  let wrong = "";
  if (save) wrong = await act(save.dataset.viewSave, { query: list().dataset.query, layout: list().dataset.layout });
  else if (post) wrong = await act(post.dataset.viewPost, {}, { stay: post.hasAttribute("data-stay") });
  else wrong = await act("/views/pins/", { view: pin.dataset.pin, ...(pin.dataset.off ? { off: 1 } : {}) });
  if (wrong) toast(wrong, { kind: "error" });
});
