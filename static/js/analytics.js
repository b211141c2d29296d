// The report: filters act at once, and an open report reads its figures again when deals change.
import "./hints.js";
import "./live.js";

const PAUSE = 5_000; // a busy board must not keep the report busy
let last = 0;
let waiting = null;
let missed = false;

async function readAgain() {
  waiting = null;
  missed = document.hidden;
  if (missed) return;
  last = Date.now();
  const figures = document.querySelector("[data-figures]");
  const answer = await fetch(location.href, { headers: { "X-Part": "figures" }, credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || !figures) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-figures]");
  if (fresh) await replace(figures, fresh);
}

// Only what differs is touched: focus, scroll, open tables and a hint that is being read stay as they are.
async function replace(figures, fresh) {
  const open = new Map([...figures.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  fresh.querySelectorAll("details[id]").forEach((each) => { each.open = open.get(each.id) ?? each.open; });
  const focused = figures.contains(document.activeElement) ? document.activeElement.id : "";
  try {
    await window.htmx.swap({ target: figures, sourceElement: figures, text: fresh.outerHTML, swap: "outerMorph" });
  } catch {
    figures.replaceWith(fresh);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("voronka:figures"));
}

function soon() {
  waiting ??= setTimeout(readAgain, Math.max(0, PAUSE - (Date.now() - last)));
}

document.addEventListener("voronka:changed", soon);
document.addEventListener("visibilitychange", () => !document.hidden && missed && soon());

const filters = document.querySelector("[data-report-filters]");
filters?.addEventListener("change", (event) => {
  if (event.target.matches("select")) filters.requestSubmit();
});
// Empty fields stay out of the address.
filters?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
// Whoever prints wants the numbers too.
window.addEventListener("beforeprint", () => document.querySelectorAll("details.chart-table").forEach((each) => { each.open = true; }));
