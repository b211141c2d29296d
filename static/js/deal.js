// A deal's own page.
import "./deleting.js";
import { noteSight } from "./deal-seen.js";
import { tendDeal } from "./deal-room.js";
import { keepLines, makeSortable } from "./line-items.js";

const room = document.querySelector(".deal-page");
const refresh = tendDeal(room, (content) => {
  const lines = room.querySelector("[data-items]");
  if (lines) keepLines(lines, content.querySelector("[data-items]"));
  const key = room.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  room.replaceChildren(content.querySelector("[data-deal]"));
  if (key) room.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true });
  makeSortable();
  noteSight(room);
  const current = room.querySelector(".path [aria-current] .path-name");
  if (current) document.querySelector("[data-deal-stage]").textContent = current.textContent;
}, { query: () => location.search, headers: { "X-Part": "deal" } });
document.addEventListener("deal:stale", refresh);
noteSight(room);
