// Telling the server that a deal was looked at, once it has been on the screen for a moment: flying past is no look.
import { post } from "./server.js";

const MOMENT = 1500;
let waiting = 0;

/** Note the look at the deal within this element, if it is still there in a moment. */
export function noteSight(within) {
  clearTimeout(waiting);
  const deal = within.querySelector("[data-seen]");
  if (!deal) return;
  waiting = setTimeout(() => {
    if (deal.isConnected && !document.hidden) post(deal.dataset.seen).catch(() => { /* the next look tells it */ });
  }, MOMENT);
}
