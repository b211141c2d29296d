// A deal's own page.
import { tendDeal } from "./deal-room.js";

const room = document.querySelector(".deal-page");
tendDeal(room, (content) => {
  room.replaceChildren(content.querySelector("[data-deal]"));
  const current = room.querySelector(".path [aria-current] .path-name");
  if (current) document.querySelector("[data-deal-stage]").textContent = current.textContent;
});
