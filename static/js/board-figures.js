// What the past says of a stage, in its menu: how long deals stay, and how many go on. Asked for when somebody looks.
import { board, labelOf, word } from "./board-page.js";

const ENOUGH = 10; // below that a fraction says more than a percentage
let figures = null;

async function ask(report) {
  const answer = await fetch(`/api/v1/analytics/${report}/?pipeline=${board.dataset.board}`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(report);
  return new Map((await answer.json()).stages.map((stage) => [String(stage.stage), stage]));
}

/** Fill the lines about a column; what isn't known, or can't be had, is left out. */
export async function showFigures(place, column) {
  const id = column.dataset.stageId;
  place.dataset.stage = id;
  place.replaceChildren();
  try {
    const [funnel, times] = await (figures ??= Promise.all([ask("funnel"), ask("time-in-stage")]));
    if (place.dataset.stage !== id) return; // the menu has gone to another column
    place.replaceChildren(...[staying(times.get(id)), goingOn(funnel.get(id), column)].filter(Boolean).map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
  } catch {
    figures = null;
  }
}

function staying(times) {
  if (!times?.n) return "";
  const count = times.n;
  if (times.median_days === null) return word("noMedian", { count });
  const days = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: times.median_days < 10 ? 1 : 0 }).format(times.median_days);
  return word("median", { days, count });
}

function goingOn(funnel, column) {
  const next = column.nextElementSibling?.matches("[data-stage-id]") ? labelOf(column.nextElementSibling) : null;
  if (!funnel?.entered || !next) return "";
  const { advanced, entered } = funnel;
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(advanced / entered);
  return word(entered < ENOUGH ? "goesOnFew" : "goesOn", { advanced, entered, percent, stage: next });
}
