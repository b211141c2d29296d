// A deal shown away from the board, on its own page or in a drawer: outcomes and moves; read again when something changes.
import { ask, complain, word } from "./board-page.js";
import { chooseReason } from "./deal-lost.js";
import { bringDraftsBack, putDraftsAside } from "./activities.js";
import { toast } from "./toasts.js";
import { isTyping, keepFields, whenLeft } from "./fields.js";
import "./planner.js";

/**
 * Tend the deal in `room`; `put(content)` takes what was read anew onto the page. It is read in its short form for a drawer, unless
 * `headers` and `query` ask for another. Returns a function that reads it again.
 */
export function tendDeal(room, put, { headers = { "X-Drawer": "1" }, query = () => "" } = {}) {
  const deal = () => room.querySelector("[data-deal]");
  const title = () => document.querySelector("[data-deal-heading]").textContent;
  const stage = () => room.querySelector(".path [aria-current] .path-name")?.textContent ?? "";
  const refresh = () => whenLeft(room, read);
  let turn = 0;

  async function read() {
    const mine = ++turn;
    const id = deal()?.dataset.deal;
    if (!id) return;
    try {
      const content = await ask(`${deal().dataset.address}${query()}`, { extra: headers });
      if (mine !== turn || deal()?.dataset.deal !== id) return;
      if (isTyping(room)) return void refresh();
      putDraftsAside(room);
      keepFields(content);
      put(content);
      bringDraftsBack(room);
      window.htmx?.process(room);
    } catch (refusal) {
      if (refusal.status === 404) complain(refusal); // deleted meanwhile, or given away; the line about the connection says the rest
    }
  }

  /** Move or close the deal; `undo(version)` says how to take it back. */
  async function change(door, fields, told, undo = null) {
    const address = `${deal().dataset.address}${door}/`;
    try {
      const content = await ask(address, { fields: { version: deal().dataset.version, ...fields } });
      await refresh();
      const { version } = content.querySelector("[data-closed], [data-deal-id]")?.dataset ?? {};
      toast(told, { undo: undo && version ? () => undo(version) : null });
      document.dispatchEvent(new CustomEvent("activity:changed"));
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
      const [from, name] = [deal().dataset.stage, stage()];
      const back = (version) => change("moves", { stage: from, version }, word("back", { stage: name }));
      await change("moves", { stage: button.dataset.moveTo }, word("moved", { stage: button.textContent }), back);
    }
  });
  document.addEventListener("voronka:changed", ({ detail }) => {
    if (deal() && (detail.everything || detail.stages.includes(Number(deal().dataset.stage)))) refresh();
  });
  return refresh;
}
