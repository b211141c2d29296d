// The frame: folding the sidebar, and what every htmx request has in common.
import "./bell.js";
import "./dialogs.js";
import "./menu.js";
import { toast } from "./toasts.js";
import "./palette.js";
import { tab } from "./live.js";

const shell = document.querySelector(".shell");
document.querySelector("[data-fold]")?.addEventListener("click", (event) => {
  const open = shell.dataset.side !== "open";
  shell.dataset.side = open ? "open" : "rail";
  event.currentTarget.setAttribute("aria-expanded", String(open));
  document.cookie = `side=${shell.dataset.side}; path=/; max-age=31536000; samesite=lax`;
});

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-Tab"] = tab;
});

// Signed out meanwhile: the answer is the sign-in page, which belongs in the window and not in a fragment.
document.addEventListener("htmx:before:swap", (event) => {
  const address = event.detail.ctx?.response?.raw?.url ?? "";
  if (address.includes("/accounts/login/")) {
    event.preventDefault();
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) toast(document.getElementById("toasts").dataset.offline, { kind: "error" });
});

// Leaving a half-filled form asks first; a sent one does not.
const dirty = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) dirty.add(form);
});
document.addEventListener("submit", (event) => dirty.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});

// "/" goes to the page's search field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  const field = document.querySelector("[data-search]");
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});
