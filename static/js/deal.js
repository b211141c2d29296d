// A deal's own page: fields, outcomes and moves; read again when something changes.
import { ask, word } from "./board-page.js";
import { chooseReason } from "./deal-lost.js";
import { keepDrafts } from "./activities.js";
import { toast } from "./toasts.js";
import "./deal-fields.js";

const room = document.querySelector(".deal-page");
const deal = () => room.querySelector("[data-deal]");
const title = () => document.querySelector("[data-deal-heading]").textContent;

async function refresh() {
  if (room.querySelector("input:focus, textarea:focus, select:focus")) return;
  try {
    const content = await ask(deal().dataset.address, { extra: { "X-Drawer": "1" } });
    const restore = keepDrafts(room);
    room.replaceChildren(content.querySelector("[data-deal]"));
    restore(room);
    window.htmx?.process(room);
  } catch { /* the line about the connection says it */ }
}

async function change(door, fields, told) {
  const address = `${deal().dataset.address}${door}/`;
  try {
    const content = await ask(address, { fields: { version: deal().dataset.version, ...fields } });
    await refresh();
    const closed = content.querySelector("[data-closed]");
    toast(told, { undo: closed ? () => change("outcomes", { outcome: "reopened" }, word("reopened", { title: title() })) : null });
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
    await refresh();
  }
}

room.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const outcome = button?.dataset.outcome;
  if (outcome) {
    const reason = outcome === "lost" ? await chooseReason() : {};
    if (reason) await change("outcomes", { outcome, ...reason }, word(outcome, { title: title() }));
  } else if (button?.dataset.moveTo) {
    await change("moves", { stage: button.dataset.moveTo }, word("moved", { stage: button.textContent }));
  }
});
document.addEventListener("voronka:changed", ({ detail }) => {
  if (detail.everything || detail.stages.includes(Number(deal().dataset.stage))) refresh();
});
