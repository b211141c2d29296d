// Moving cards: at once on the page, then on the server; put back with the reason when it says no.
import { ask, board, cardOf, columnOf, complain, idBelow, labelOf, linkOf, listOf, putCard, say, stageOf, titleOf, withFilters, word } from "./board-page.js";
import { hold, place, reread, takeIn, touch } from "./board-columns.js";
import { chooseReason } from "./deal-lost.js";
import { toast } from "./toasts.js";

const turns = new Map(); // deal → the latest request for it, so that the next one knows the version it leaves
const crowded = new Set(); // stages that several requests at once told of: whose answer is the newer, nobody knows
let underway = 0;

/** Where a card stands: its column, what is right below it, and the first card below that stays when `together` go. */
export function spotOf(card, together = [card]) {
  let anchor = card;
  do anchor = anchor.nextElementSibling;
  while (anchor && (together.includes(anchor) || !(anchor.dataset.dealId || anchor.dataset.next)));
  return { column: stageOf(card), below: idBelow(card), next: card.nextElementSibling, anchor: anchor?.dataset.dealId ?? anchor?.dataset.next ?? "" };
}

/** The element above which a card goes to stand right above the deal `below` (an id, loaded or not; "" for the end). */
function elementAt(column, below) {
  const list = listOf(column);
  const card = below && cardOf(below);
  return (card && stageOf(card) === column ? card : below && list.querySelector(`[data-next="${below}"]`)) || list.querySelector(".card-note");
}

/** Put cards into a column above the card `below`, as if dropped there. */
export function moveTo(moving, column, below) {
  const from = new Map(moving.map((card) => [card, spotOf(card, moving)]));
  const next = elementAt(column, below);
  moving.forEach((card) => putCard(card, listOf(column), next));
  return dropped(moving, from, below);
}

/** Cards stand where they were dropped; tell the server. `from` says where each came from. */
export async function dropped(moving, from, below = idBelow(moving.at(-1))) {
  const column = stageOf(moving[0]);
  if (moving.every((card) => from.get(card).column === column && from.get(card).below === idBelow(card))) return;
  const concerned = [...new Set([column, ...moving.map((card) => from.get(card).column)])];
  const end = begin(concerned);
  moving.forEach((card) => card.classList.add("is-waiting"));
  const turn = inTurn(moving.map((card) => card.dataset.dealId), () => send(moving.map(asMoved), column.dataset.stageId, below));
  try {
    const content = await turn;
    takeIn(content);
    told(moving, from, column, content);
  } catch (refusal) {
    // A card that was moved on meanwhile stays: that move has its own answer.
    putBack(moving.filter((card) => turns.get(card.dataset.dealId) === turn), from);
    complain(refusal);
    reread(concerned.map((one) => one.dataset.stageId));
  } finally {
    moving.forEach((card) => card.classList.remove("is-waiting"));
    end();
  }
}

/** What had the focus is gone: give it to a card, so that whoever works by keyboard goes on there. */
function refocus(card) {
  const active = document.activeElement;
  // A button of a dialog that has just closed holds it until the next frame.
  if (card && (active === document.body || !active.checkVisibility())) linkOf(card)?.focus({ preventScroll: true });
}

const asMoved = (card) => ({ id: card.dataset.dealId, version: card.dataset.version });

/** Nothing else changes these columns until the returned function is called. */
function begin(concerned) {
  const release = hold();
  concerned.forEach(touch);
  underway += 1;
  if (underway > 1) concerned.forEach((column) => crowded.add(column.dataset.stageId));
  return () => {
    underway -= 1;
    if (!underway && crowded.size) {
      reread([...crowded]);
      crowded.clear();
    }
    release();
  };
}

/** After whatever is under way for these deals. */
function inTurn(ids, request) {
  const turn = Promise.allSettled(ids.map((id) => turns.get(id))).then(request);
  ids.forEach((id) => turns.set(id, turn));
  return turn;
}

/** Ask for the move of one deal, or of several together; their versions are those of now, after earlier moves. */
function send(deals, stage, before) {
  if (deals.length === 1) {
    const [{ id, version }] = deals;
    return ask(withFilters(`/deals/${id}/moves/`), { fields: { stage, before, version } });
  }
  const list = (name) => deals.map((deal) => deal[name]).join(",");
  return ask(withFilters(`${board.dataset.root}moves/`), { fields: { deals: list("id"), versions: list("version"), stage, before } });
}

function putBack(moving, from) {
  for (const card of [...moving].reverse()) {
    const { column, next, anchor } = from.get(card);
    const list = listOf(column);
    putCard(card, list, next?.parentElement === list ? next : elementAt(column, anchor));
    touch(column);
  }
}

function told(moving, from, column, content) {
  const stage = labelOf(column);
  const atEnd = content.querySelector("[data-at-end]");
  const hidden = moving.some((card) => !card.isConnected);
  if (atEnd) moving.filter((card) => card.isConnected).forEach((card) => putCard(card, listOf(column), elementAt(column, "")));
  const gaps = { stage, count: moving.length };
  const stayed = moving.every((card) => from.get(card).column === column);
  const text = [word(atEnd ? "atEnd" : stayed ? "placed" : moving.length > 1 ? "movedMany" : "moved", gaps), hidden ? word("hidden") : ""].join(" ").trim();
  const back = moving.map((card) => ({ ...asMoved(card), ...from.get(card) }));
  toast(text, { undo: () => undo(back) });
  say(text);
  document.dispatchEvent(new CustomEvent("board:moved"));
}

/** Back by the same door, each to where it came from; refused for what somebody else has moved since. */
async function undo(spots) {
  const groups = new Map();
  for (const spot of spots) {
    const key = `${spot.column.dataset.stageId} ${spot.anchor}`;
    groups.set(key, [...(groups.get(key) ?? []), spot]);
  }
  for (const group of [...groups.values()].reverse()) if (!(await undoTogether(group))) return;
  const [{ id, column }] = spots;
  refocus(cardOf(id));
  const text = word(spots.length > 1 ? "backMany" : "back", { stage: labelOf(column), count: spots.length });
  toast(text);
  say(text);
}

async function undoTogether(group) {
  const [{ column, anchor }] = group;
  const now = group.map(({ id }) => cardOf(id)).filter(Boolean).map(stageOf);
  const concerned = [...new Set([column, ...now])];
  const end = begin(concerned);
  try {
    const content = await inTurn(group.map(({ id }) => id), () => send(group, column.dataset.stageId, anchor));
    const next = content.querySelector("[data-at-end]") ? elementAt(column, "") : elementAt(column, anchor);
    for (const fresh of [...content.querySelectorAll("[data-deal-id]")]) place(fresh, column, next);
    takeIn(content);
    document.dispatchEvent(new CustomEvent("board:moved"));
    return true;
  } catch (refusal) {
    complain(refusal);
    reread(concerned.map((one) => one.dataset.stageId));
    return false;
  } finally {
    end();
  }
}

/** Win or lose a deal; `card` may be missing when the deal is not on the board. */
export async function close(id, outcome, { version = "" } = {}) {
  const card = cardOf(id);
  const title = card ? titleOf(card) : document.querySelector("[data-deal-heading]")?.textContent ?? "";
  const reason = outcome === "lost" ? await chooseReason() : {};
  if (!reason) {
    refocus(card);
    return false;
  }
  const spot = card?.isConnected ? spotOf(card) : null;
  const end = begin(spot ? [spot.column] : []);
  card?.remove();
  refocus(spot?.next?.matches(".card") ? spot.next : spot && listOf(spot.column).querySelector(".card:not(.add-card)"));
  try {
    const fields = () => ({ outcome, ...reason, version: card?.dataset.version ?? version });
    const content = await inTurn([String(id)], () => ask(withFilters(`/deals/${id}/outcomes/`), { fields: fields() }));
    takeIn(content);
    const closed = content.querySelector("[data-closed]");
    const text = word(outcome, { title });
    toast(text, { undo: closed ? () => reopen(id, closed.dataset.version, spot) : null });
    say(text);
    document.dispatchEvent(new CustomEvent("board:closed", { detail: { id } }));
    return true;
  } catch (refusal) {
    if (spot) putBack([card], new Map([[card, spot]]));
    complain(refusal);
    if (spot) reread([spot.column.dataset.stageId]);
    return false;
  } finally {
    end();
  }
}

/** Undo of an outcome: open again, where it stood. */
export async function reopen(id, version, spot = null) {
  const end = begin(spot ? [spot.column] : []);
  try {
    const content = await inTurn([String(id)], () => ask(withFilters(`/deals/${id}/outcomes/`), { fields: { outcome: "reopened", version } }));
    const fresh = content.querySelector("[data-deal-id]");
    const column = columnOf(content.querySelector("[data-head]").dataset.head);
    if (fresh && column) place(fresh, column, listOf(column).querySelector(".card:not(.add-card)"));
    takeIn(content);
    const title = fresh ? titleOf(fresh) : document.querySelector("[data-deal-heading]")?.textContent ?? "";
    toast([word("reopened", { title }), fresh ? "" : word("hidden")].join(" ").trim());
    document.dispatchEvent(new CustomEvent("board:closed", { detail: { id } }));
    const card = cardOf(id);
    refocus(card);
    if (card && spot?.column === column && spot.anchor !== idBelow(card)) await moveTo([card], column, spot.anchor);
  } catch (refusal) {
    complain(refusal);
    if (spot) reread([spot.column.dataset.stageId]);
  } finally {
    end();
  }
}
