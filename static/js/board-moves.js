// Moving cards: at once on the page, then on the server; put back with the reason when it says no.
import { ask, board, cardOf, columnOf, idBelow, labelOf, listOf, say, stageOf, titleOf, withFilters, word } from "./board-page.js";
import { hold, place, reread, takeIn, touch } from "./board-columns.js";
import { chooseReason } from "./deal-lost.js";
import { toast } from "./toasts.js";

const queues = new Map(); // deal → the request that is under way, so that a second one knows the version it leaves

/** Where a card stands: its column and what is right below it. */
export function spotOf(card) {
  return { column: stageOf(card), below: idBelow(card), next: card.nextElementSibling };
}

/** Put cards into a column above the card `below` (an id, loaded or not; "" for the end), as if dropped there. */
export function moveTo(moving, column, below) {
  const from = new Map(moving.map((card) => [card, spotOf(card)]));
  const list = listOf(column);
  const next = (below && (cardOf(below) ?? list.querySelector(`[data-next="${below}"]`))) || list.querySelector(".card-note");
  for (const card of moving) list.insertBefore(card, moving.includes(next) ? null : next);
  return dropped(moving, from, below);
}

/** Cards stand where they were dropped; tell the server. `from` says where each came from. */
export async function dropped(moving, from, below = idBelow(moving.at(-1))) {
  const column = stageOf(moving[0]);
  const changed = moving.some((card) => from.get(card).column !== column || from.get(card).below !== idBelow(card));
  if (!changed) return;
  const release = hold();
  [column, ...moving.map((card) => from.get(card).column)].forEach(touch);
  moving.forEach((card) => card.classList.add("is-waiting"));
  try {
    const content = await inTurn(moving, () => send(moving, column, below));
    takeIn(content);
    told(moving, from, column, content);
  } catch (refusal) {
    putBack(moving, from);
    toast(refusal.message, { kind: "error" });
    say(refusal.message);
    reread([...new Set([column, ...moving.map((card) => from.get(card).column)])].map((one) => one.dataset.stageId));
  } finally {
    moving.forEach((card) => card.classList.remove("is-waiting"));
    release();
  }
}

/** After whatever is under way for these deals. */
function inTurn(moving, request) {
  const earlier = moving.map((card) => queues.get(card.dataset.dealId));
  const turn = Promise.allSettled(earlier).then(request);
  moving.forEach((card) => queues.set(card.dataset.dealId, turn));
  return turn;
}

function send(moving, column, below) {
  const stage = column.dataset.stageId;
  if (moving.length > 1) {
    const deals = moving.map((card) => card.dataset.dealId).join(",");
    return ask(withFilters(`${board.dataset.root}moves/`), { fields: { deals, stage, before: below } });
  }
  const [card] = moving;
  return ask(withFilters(`/deals/${card.dataset.dealId}/moves/`), { fields: { stage, before: below, version: card.dataset.version } });
}

function putBack(moving, from) {
  for (const card of [...moving].reverse()) {
    const { column, next, below } = from.get(card);
    const list = listOf(column);
    list.insertBefore(card, next?.parentElement === list ? next : below ? cardOf(below) : null);
    touch(column);
  }
}

function told(moving, from, column, content) {
  const stage = labelOf(column);
  const atEnd = content.querySelector("[data-at-end]");
  if (atEnd) {
    const list = listOf(column);
    moving.forEach((card) => list.insertBefore(card, list.querySelector(".card-note")));
  }
  const crossed = moving.filter((card) => from.get(card).column !== column);
  const text = atEnd ? word("atEnd", { stage }) : moving.length > 1 ? word("movedMany", { stage, count: moving.length }) : word("moved", { stage });
  if (crossed.length || atEnd) toast(text, { undo: () => undo(moving, from) });
  say(text);
  document.dispatchEvent(new CustomEvent("board:moved"));
}

/** Back by the same door, each to where it came from. */
async function undo(moving, from) {
  const groups = new Map();
  for (const card of moving) {
    const stage = from.get(card).column.dataset.stageId;
    groups.set(stage, [...(groups.get(stage) ?? []), card]);
  }
  for (const [stage, group] of groups) {
    const present = group.map((card) => cardOf(card.dataset.dealId)).filter(Boolean);
    if (!present.length) continue;
    const was = from.get(group.at(-1));
    await moveTo(present, columnOf(stage), was.below);
  }
}

/** Win, lose or reopen a deal; `card` may be missing when the deal is not on the board. */
export async function close(id, outcome, { version = "", reason = null } = {}) {
  const card = cardOf(id);
  const title = card ? titleOf(card) : document.querySelector("[data-deal-heading]")?.textContent ?? "";
  let fields = { outcome, version: card?.dataset.version ?? version };
  if (outcome === "lost") {
    const chosen = reason ?? (await chooseReason());
    if (!chosen) return false;
    fields = { ...fields, ...chosen };
  }
  const release = hold();
  const spot = card && spotOf(card);
  card?.remove();
  touch(spot?.column);
  try {
    const content = await ask(withFilters(`/deals/${id}/outcomes/`), { fields });
    takeIn(content);
    const closed = content.querySelector("[data-closed]");
    const text = word(outcome, { title });
    toast(text, { undo: closed ? () => reopen(id, closed.dataset.version, spot) : null });
    say(text);
    document.dispatchEvent(new CustomEvent("board:closed", { detail: { id } }));
    return true;
  } catch (refusal) {
    if (card) listOf(spot.column).insertBefore(card, spot.next?.isConnected ? spot.next : null);
    toast(refusal.message, { kind: "error" });
    say(refusal.message);
    if (spot) reread([spot.column.dataset.stageId]);
    return false;
  } finally {
    release();
  }
}

/** Undo of an outcome: open again, where it stood. */
export async function reopen(id, version, spot = null) {
  try {
    const content = await ask(withFilters(`/deals/${id}/outcomes/`), { fields: { outcome: "reopened", version } });
    const fresh = content.querySelector("[data-deal-id]");
    const column = columnOf(content.querySelector("[data-head]").dataset.head);
    takeIn(content);
    place(fresh, column, listOf(column).querySelector(".card:not(.add-card)"));
    toast(word("reopened", { title: titleOf(fresh) }));
    document.dispatchEvent(new CustomEvent("board:closed", { detail: { id } }));
    if (spot?.below && spot.column === column) await moveTo([cardOf(id)], column, spot.below);
  } catch (refusal) {
    toast(refusal.message, { kind: "error" });
  }
}
