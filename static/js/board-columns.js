// Keeping columns true: what the server says is fitted into the page without moving what stays.
// A late answer never overwrites a newer one, and nothing changes under a card that is being dragged.
import { ask, board, cardOf, cards, columnOf, columns, linkOf, listOf, putCard, stageOf, withFilters } from "./board-page.js";

const GLIDE = 220;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const versions = new WeakMap(); // column → how often it has changed here
const wanted = new Set(); // stages to read again as soon as that is possible
const FIRST_PAUSE = 2_000;
const LAST_PAUSE = 30_000;
let wholeBoard = false; // also look for stages that came, went or changed places
let holds = 0;
let reading = false;
let pause = FIRST_PAUSE;
const prepared = [];
const preparedColumns = [];

/** Have `prepare(card)` called for every card that comes onto the page. */
export function onCard(prepare) {
  prepared.push(prepare);
  cards().forEach(prepare);
}

/** Have `prepare(column)` called for every column that comes onto the page. */
export function onColumn(prepare) {
  preparedColumns.push(prepare);
  columns().forEach(prepare);
}

/** Change nothing until the returned function is called: a drag or a move is under way. */
export function hold() {
  holds += 1;
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holds -= 1;
    read();
  };
}

/** Note that a column was changed here, so that an answer asked for before is out of date. */
export function touch(column) {
  if (column) versions.set(column, (versions.get(column) ?? 0) + 1);
}

/** Read these stages again (the whole board when none are named), as soon as nothing is held. */
export function reread(stages = null) {
  wholeBoard ||= !stages;
  (stages ?? columns().map((column) => column.dataset.stageId)).forEach((stage) => wanted.add(String(stage)));
  read();
}

async function read() {
  if (holds || reading || !(wanted.size || wholeBoard)) return;
  const asked = [...wanted].map(columnOf).filter(Boolean);
  const whole = wholeBoard;
  wanted.clear();
  wholeBoard = false;
  if (!asked.length && !whole) return;
  const before = new Map(asked.map((column) => [column, versions.get(column)]));
  reading = true;
  let wait = 50;
  try {
    const content = await ask(withFilters(`${board.dataset.root}columns/`, {
      stages: asked.map((column) => column.dataset.stageId).join(","),
      loaded: asked.map((column) => cards(column).length).join(","),
      ...(whole ? { all: 1 } : {}),
    }));
    pause = FIRST_PAUSE;
    const late = asked.filter((column) => holds || versions.get(column) !== before.get(column));
    late.forEach((column) => wanted.add(column.dataset.stageId));
    wholeBoard ||= whole && holds > 0;
    const fresh = [...content.querySelectorAll("[data-stage-id]")];
    if (whole && !holds) layOut(fresh);
    const told = fresh.map((section) => section.dataset.stageId);
    wholeBoard ||= !whole && asked.some((column) => !told.includes(column.dataset.stageId)); // archived meanwhile
    fit(fresh.filter((section) => columnOf(section.dataset.stageId) && !late.includes(columnOf(section.dataset.stageId))));
  } catch (refusal) {
    if ([401, 403, 404].includes(refusal.status)) return;
    // The line about the connection says it quietly; what was to be read is not forgotten.
    asked.forEach((column) => wanted.add(column.dataset.stageId));
    wholeBoard ||= whole;
    [wait, pause] = [pause, Math.min(pause * 2, LAST_PAUSE)];
  } finally {
    reading = false;
    if (wanted.size || wholeBoard) setTimeout(read, wait);
  }
}

/** Stages that were added, archived or moved meanwhile; what was asked for is all that there is. */
function layOut(fresh) {
  const stages = fresh.map((section) => section.dataset.stageId);
  columns().filter((column) => !stages.includes(column.dataset.stageId)).forEach((column) => column.remove());
  for (const section of fresh.filter((one) => !columnOf(one.dataset.stageId))) {
    const column = board.appendChild(section.cloneNode(true));
    listOf(column).replaceChildren(); // its cards are fitted in like those of the others
    preparedColumns.forEach((prepare) => prepare(column));
  }
  if (columns().some((column, spot) => column.dataset.stageId !== stages[spot])) stages.forEach((stage) => board.append(columnOf(stage)));
}

/** Fit fresh columns into the page; cards glide from where they were. */
function fit(sections) {
  const places = calm.matches ? new Map() : positions();
  const focused = document.activeElement?.closest?.("[data-deal-id]");
  const [focusedColumn, focusedSpot] = focused ? [stageOf(focused), cards(stageOf(focused)).indexOf(focused)] : [null, 0];
  const staying = new Set(sections.flatMap((section) => cards(section).map((card) => card.dataset.dealId)));
  for (const section of sections) {
    const column = columnOf(section.dataset.stageId);
    for (const card of cards(column)) if (!staying.has(card.dataset.dealId)) card.remove();
  }
  for (const section of sections) {
    const column = columnOf(section.dataset.stageId);
    column.className = [...section.classList, ...["is-folded"].filter((name) => column.classList.contains(name))].join(" ");
    column.ariaLabel = section.ariaLabel;
    putHead(section.querySelector("[data-head]"));
    fitCards(listOf(column), listOf(section));
    touch(column);
  }
  if (focused && !board.contains(document.activeElement)) {
    const rest = focusedColumn.isConnected ? cards(focusedColumn) : [];
    const card = focused.isConnected ? focused : rest[Math.min(focusedSpot, rest.length - 1)]; // gone: who reads goes on there
    if (card) linkOf(card).focus({ preventScroll: true });
  }
  glide(places);
  watchMore();
  document.dispatchEvent(new CustomEvent("board:fitted"));
}

function fitCards(list, fresh) {
  list.querySelectorAll(".card-note").forEach((note) => note.remove());
  let place = list.querySelector(".add-card")?.nextElementSibling ?? (list.querySelector(".add-card") ? null : list.firstElementChild);
  for (const child of [...fresh.children]) {
    const known = child.dataset.dealId && cardOf(child.dataset.dealId);
    if (known) sync(known, child);
    const element = known || child;
    if (element === place) {
      place = place.nextElementSibling;
    } else {
      list.insertBefore(element, place);
    }
    if (!known && child.dataset.dealId) prepared.forEach((prepare) => prepare(child));
  }
}

/** Give a card its new content and keep what the person did with it (focus, selection). */
function sync(card, fresh) {
  card.classList.toggle("rots", fresh.classList.contains("rots"));
  card.dataset.version = fresh.dataset.version;
  const [link, freshLink] = [linkOf(card), linkOf(fresh)];
  if (link.textContent !== freshLink.textContent) link.textContent = freshLink.textContent;
  link.removeAttribute("title"); // made anew when a pointer comes
  for (const part of [".cc", ".cf"]) {
    const [old, next] = [card.querySelector(part), fresh.querySelector(part)];
    if (old.innerHTML !== next.innerHTML) old.replaceWith(next.cloneNode(true));
  }
}

function putHead(fresh) {
  const head = board.querySelector(`[data-head="${fresh.dataset.head}"]`);
  if (!head || head.innerHTML === fresh.innerHTML) return;
  const spot = [...head.querySelectorAll("a, button")].indexOf(document.activeElement);
  head.innerHTML = fresh.innerHTML;
  if (spot >= 0) [...head.querySelectorAll("a, button")][spot]?.focus({ preventScroll: true });
}

/** Take in the answer to a change: cards where they stand, heads, closed ones leave. */
export function takeIn(content) {
  for (const fresh of content.querySelectorAll("[data-deal-id]")) {
    const card = cardOf(fresh.dataset.dealId);
    if (card) sync(card, fresh);
  }
  for (const gone of content.querySelectorAll("[data-unfit]")) { // the filters hide it now
    const card = cardOf(gone.dataset.unfit);
    if (!card) continue;
    card.dataset.version = gone.dataset.version;
    card.remove();
  }
  for (const head of content.querySelectorAll("[data-head]")) {
    putHead(head);
    touch(columnOf(head.dataset.head));
  }
}

/** Put a card that the server sent into a column, above `before` (an element or null). */
export function place(fresh, column, before) {
  const known = cardOf(fresh.dataset.dealId);
  if (known) sync(known, fresh);
  putCard(known ?? fresh, listOf(column), before);
  if (!known) prepared.forEach((prepare) => prepare(fresh));
  touch(column);
}

function positions() {
  return new Map(cards().map((card) => [card.dataset.dealId, card.getBoundingClientRect()]));
}

function glide(places) {
  if (!places.size) return;
  for (const card of cards()) {
    const [was, is] = [places.get(card.dataset.dealId), card.getBoundingClientRect()];
    if (is.top > innerHeight || is.bottom < 0) continue;
    if (!was) {
      card.animate([{ opacity: 0 }, { opacity: 1 }], { duration: GLIDE });
    } else if (Math.abs(was.top - is.top) > 1 || Math.abs(was.left - is.left) > 1) {
      card.animate([{ transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)` }, { transform: "none" }], { duration: GLIDE, easing: "ease-out" });
    }
  }
}

// The rest of a column comes when its end is near.
const observers = new WeakMap(); // list → who watches its end; a margin counts only for the list's own scrolling
const NEAR = "240px 0px"; // less than what hangs below the window at first, so that opening the board asks for nothing more

function endOf(list) {
  if (!observers.has(list)) {
    const look = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => more(entry.target));
    observers.set(list, new IntersectionObserver(look, { root: list, rootMargin: NEAR }));
  }
  return observers.get(list);
}

/** Watch the ends of columns for more cards. */
export function watchMore() {
  board.querySelectorAll("[data-more]").forEach((note) => endOf(note.parentElement).observe(note));
}

/** Have the next cards of a column on the page, if it has more. */
export async function loadMore(column) {
  const note = column.querySelector("[data-more]");
  if (note) await more(note);
}

async function more(note) {
  const near = endOf(note.parentElement);
  near.unobserve(note);
  const column = note.closest("[data-stage-id]");
  const before = versions.get(column);
  try {
    const loaded = cards(column).length;
    const content = await ask(withFilters(note.dataset.more, { after: note.dataset.after, loaded }));
    if (!note.isConnected) return;
    if (holds || versions.get(column) !== before) return void setTimeout(() => note.isConnected && near.observe(note), 300);
    for (const child of [...content.children]) {
      if (child.dataset.dealId && cardOf(child.dataset.dealId)) continue;
      note.before(child);
      if (child.dataset.dealId) prepared.forEach((prepare) => prepare(child));
    }
    note.remove();
    watchMore();
  } catch {
    setTimeout(() => note.isConnected && near.observe(note), 3000);
  }
}
