// The bell: how much is unread, kept up to date, and what arrives while one looks.
import { post } from "./server.js";
import { toast } from "./toasts.js";

const LIFE = 20_000; // a reminder must not slip by while one is typing
let asking = false;
let again = false;

function show({ count, label, newest }) {
  document.body.dataset.newest = Math.max(newest, Number(document.body.dataset.newest));
  for (const badge of document.querySelectorAll("[data-bell]")) {
    badge.textContent = label;
    badge.hidden = count === 0;
  }
}

async function look() {
  if (asking) {
    again = true; // what came meanwhile may not be in the answer
    return;
  }
  asking = true;
  do {
    again = false;
    const address = `${document.body.dataset.bellAddress}?after=${document.body.dataset.newest}`;
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    const news = answer?.ok && !answer.redirected ? await answer.json().catch(() => null) : null;
    if (news) {
      show(news);
      for (const item of news.fresh) tell(item);
    }
  } while (again);
  asking = false;
}

function tell({ id, text, url }) {
  const words = document.getElementById("toasts").dataset;
  const open = () => {
    read(`${document.body.dataset.bellAddress.replace("bell/", "")}${id}/read/`);
    location.assign(url);
  };
  toast(text, { kind: "info", life: LIFE, undo: url ? open : null, undoLabel: words.open });
}

/** Said to the server on the way out, so it must outlive this page. */
function read(address) {
  const fields = new URLSearchParams({ csrfmiddlewaretoken: document.body.dataset.csrf });
  if (!navigator.sendBeacon(address, fields)) post(address);
}

if (document.body.dataset.bellAddress) document.addEventListener("voronka:told", look);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-reads]");
  if (link) read(link.dataset.reads);
});
document.addEventListener("auxclick", (event) => {
  const link = event.button === 1 && event.target.closest?.("a[data-reads]");
  if (link) read(link.dataset.reads);
});
