// The report: filters act at once, and an open report reads its figures again when deals change.
import "./live.js";

const PAUSE = 5_000; // a busy board must not keep the report busy
let last = 0;
let waiting = null;

async function readAgain() {
  waiting = null;
  last = Date.now();
  const figures = document.querySelector("[data-figures]");
  // Whoever reads a definition or has a table open keeps it: only a report at rest is replaced.
  if (!figures || document.hidden) return;
  const answer = await fetch(location.href, { headers: { "X-Part": "figures" }, credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-figures]");
  if (!fresh) return;
  const open = [...figures.querySelectorAll("details")].map((each) => each.open);
  fresh.querySelectorAll("details").forEach((each, place) => { each.open = open[place] ?? each.open; });
  window.htmx?.swap ? window.htmx.swap({ target: figures, text: fresh.outerHTML, swap: "outerMorph" }) : figures.replaceWith(fresh);
}

document.addEventListener("voronka:changed", () => {
  waiting ??= setTimeout(readAgain, Math.max(0, PAUSE - (Date.now() - last)));
});

document.querySelector("[data-report-filters]")?.addEventListener("change", (event) => {
  if (event.target.matches("select")) event.currentTarget.requestSubmit();
});
// Empty fields stay out of the address.
document.querySelector("[data-report-filters]")?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
