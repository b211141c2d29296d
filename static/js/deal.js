// A deal's own page: fields, outcomes and moves; read again when something changes.
import { ask, complain, word } from "./board-page.js";
import { chooseReason } from "./deal-lost.js";
import { bringDraftsBack, putDraftsAside } from "./activities.js";
import { toast } from "./toasts.js";
import { isTyping, keepFields, whenLeft } from "./deal-fields.js";

const room = document.querySelector(".deal-page");
const deal = () => room.querySelector("[data-deal]");
let turn = 0;
const title = () => document.querySelector("[data-deal-heading]").textContent;

const refresh = () => whenLeft(room, read);

async function read() {
  const mine = ++turn;
  try {
    const content = await ask(deal().dataset.address, { extra: { "X-Drawer": "1" } });
    if (mine !== turn) return;
    if (isTyping(room)) return void refresh();
    putDraftsAside(room);
    keepFields(content);
    room.replaceChildren(content.querySelector("[data-deal]"));
    bringDraftsBack(room);
    window.htmx?.process(room);
    const current = room.querySelector(".path [aria-current] .path-name");
    if (current) document.querySelector("[data-deal-stage]").textContent = current.textContent;
  } catch { /* the line about the connection says it */ }
}

/** Move or close the deal; `undo(version)` says how to take it back. */
async function change(door, fields, told, undo = null) {
  const address = `${deal().dataset.address}${door}/`;
  try {
    const content = await ask(address, { fields: { version: deal().dataset.version, ...fields } });
    await refresh();
    const { version } = content.querySelector("[data-closed], [data-deal-id]")?.dataset ?? {};
    toast(told, { undo: undo && version ? () => undo(version) : null });
  } catch (refusal) {
    complain(refusal);
    await refresh();
  }
}

room.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const outcome = button?.dataset.outcome;
  if (outcome) {
    const reason = outcome === "lost" ? await chooseReason() : {};
    const reopen = (version) => change("outcomes", { outcome: "reopened", version }, word("reopened", { title: title() }));
    if (reason) await change("outcomes", { outcome, ...reason }, word(outcome, { title: title() }), outcome === "reopened" ? null : reopen);
  } else if (button?.dataset.moveTo) {
    const [stage, name] = [deal().dataset.stage, document.querySelector("[data-deal-stage]").textContent];
    const back = (version) => change("moves", { stage, version }, word("back", { stage: name }));
    await change("moves", { stage: button.dataset.moveTo }, word("moved", { stage: button.textContent }), back);
  }
});
document.addEventListener("voronka:changed", ({ detail }) => {
  if (detail.everything || detail.stages.includes(Number(deal().dataset.stage))) refresh();
});
