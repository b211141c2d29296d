// My day: what is done leaves the list, and what others change comes in, but never under what is being typed.
import { ask } from "./board-page.js";
import "./activities.js";

const PAUSE = 3_000; // a busy board must not keep the list busy
const list = () => document.querySelector("[data-my-day]");
const busy = () => document.hidden || list().querySelector("[data-typed]") || list().matches(":has(input:focus)");
let last = 0;
let waiting = null;

async function readAgain() {
  clearTimeout(waiting);
  waiting = null;
  last = Date.now();
  const content = await ask(location.href, { extra: { "X-Part": "list" } }).catch(() => null);
  const fresh = content?.querySelector("[data-my-day]");
  if (!fresh) return;
  const at = list().contains(document.activeElement) ? [...list().querySelectorAll("[data-reason]")].indexOf(document.activeElement.closest("[data-reason]")) : -1;
  list().replaceWith(fresh);
  // Whoever works it by keyboard goes on with what took the place.
  if (at >= 0) [...fresh.querySelectorAll("[data-reason]")].at(Math.min(at, fresh.querySelectorAll("[data-reason]").length - 1))?.querySelector("button, a")?.focus();
}

function soon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    if (busy()) soon();
    else readAgain();
  }, Math.max(500, PAUSE - (Date.now() - last)));
}

document.addEventListener("activity:changed", readAgain);
document.addEventListener("voronka:changed", soon);
