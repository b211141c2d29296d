// Hints: what a figure says or means, beside it on hover, on focus and by a tap; Escape puts it away.
// `data-hint` names the element that holds the words, `data-tip` has them itself.
const ANY = "[data-hint], [data-tip]";
const EDGE = 8;

const bubble = document.createElement("div");
bubble.className = "hint";
bubble.popover = "manual";
bubble.setAttribute("aria-hidden", "true"); // the words are the element's own name or description
document.body.append(bubble);
let shown = null;

function wordsOf(element) {
  return element.dataset.tip ?? document.getElementById(element.dataset.hint)?.textContent ?? "";
}

function place() {
  const spot = shown.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = bubble;
  const { clientWidth, clientHeight } = document.documentElement;
  const below = spot.bottom + EDGE + height <= clientHeight;
  const left = Math.max(EDGE, Math.min(spot.left, clientWidth - width - EDGE));
  const top = below ? spot.bottom + EDGE : spot.top - EDGE - height;
  bubble.style.left = `${left}px`;
  bubble.style.top = `${Math.max(EDGE, Math.min(top, clientHeight - height - EDGE))}px`;
}

function show(element) {
  const words = wordsOf(element);
  if (!words) return;
  shown = element;
  bubble.textContent = words;
  if (!bubble.matches(":popover-open")) bubble.showPopover();
  place();
}

function hide() {
  shown = null;
  bubble.hidePopover();
}

/** After the page was read again: the same hint with fresh words, or none where its figure is gone. */
function refresh() {
  if (!shown) return;
  if (!shown.isConnected || !shown.matches(ANY)) return hide();
  bubble.textContent = wordsOf(shown);
  place();
}

document.addEventListener("pointerover", (event) => {
  const element = event.target.closest?.(ANY);
  if (element && event.pointerType === "mouse") show(element);
});
document.addEventListener("pointerout", (event) => {
  if (!shown || event.pointerType !== "mouse") return;
  const next = event.relatedTarget;
  // Whoever moves into the hint may read it; whoever is there by keyboard keeps it.
  if (next === bubble || shown.contains(next) || (event.target === bubble && shown.contains(next))) return;
  const focused = document.activeElement?.closest?.(ANY);
  if (focused?.matches(":focus-visible")) show(focused);
  else hide();
});
document.addEventListener("focusin", (event) => {
  const element = event.target.closest?.(ANY);
  if (element?.matches(":focus-visible")) show(element);
  else if (!element) hide();
});
document.addEventListener("focusout", () => shown && hide());
document.addEventListener("click", (event) => {
  const element = event.target.closest?.("[data-hint]");
  if (element) show(element);
  else if (shown && (event.target !== bubble || event.pointerType === "touch")) hide(); // it may lie on what a thumb is after
});
document.addEventListener("keydown", (event) => event.key === "Escape" && shown && hide());
document.addEventListener("scroll", () => shown && place(), { capture: true, passive: true });
window.addEventListener("resize", () => shown && place());
document.addEventListener("voronka:figures", refresh);
