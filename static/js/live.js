// Live updates: listens to the stream that the page names in `data-live` and says, spread over time, what to read again.
// Dispatches on the document: `voronka:touched` when something was said or done about the record that is looked at, `voronka:changed` with {stages: [ids], everything: bool}, `voronka:told` when there is news in the
// bell, and `voronka:signed-out`. A page without a stream of its own listens to the person's, which the body names.

/** Names this tab, so that its own changes do not come back to it. Sent as the header X-Tab. */
export const tab = crypto.randomUUID?.() ?? Math.random().toString(36).slice(2);

const SILENCE = 40_000; // the server speaks every 15 s; longer silence means a sleeping laptop or a dead line
const GAP = 250;
const SETTLE = 600;
const PATIENCE = 2_500; // a line that is back by then was not worth a word

let source = null;
let record = null; // the one that the reader looks at, such as deal-5
let recordReadAt = Infinity; // when it was read, until a stream has opened that hears of it
let address = null;
let readAt = Infinity;
let bodyReadAt = Infinity;
let lastHeard = 0;
let missed = false;
let stages = new Set();
let everything = false;
let timer = null;
let retry = null;
let retryAfter = 1000;
let saying = null;
let turning = null;

function tell() {
  timer = null;
  const detail = { stages: [...stages], everything };
  stages = new Set();
  everything = false;
  document.dispatchEvent(new CustomEvent("voronka:changed", { detail }));
}

function soon(spread) {
  timer ??= setTimeout(tell, Math.max(Math.random() * (spread || 0), 0) + (document.hidden ? GAP : 0));
}

function heard() {
  lastHeard = Date.now();
  retryAfter = 1000;
  clearTimeout(saying);
  saying = null;
  document.documentElement.dataset.connection = "live";
}

function readEverything(spread) {
  everything = true;
  soon(spread);
}

function connect() {
  clearTimeout(retry);
  retry = null;
  source?.close();
  if (!address || document.hidden) return;
  lastHeard = Date.now();
  const hearsOf = record;
  source = new EventSource(record ? `${address}?record=${record}` : address);
  source.addEventListener("hello", (event) => {
    heard();
    // Told on every opening: when something last changed here. The page may have been read before that.
    const { changed_at: changedAt, told_at: toldAt } = JSON.parse(event.data);
    if (missed || changedAt >= readAt) readEverything(500);
    if (missed || toldAt >= bodyReadAt) document.dispatchEvent(new CustomEvent("voronka:told"));
    if (missed || (hearsOf === record && changedAt >= recordReadAt)) document.dispatchEvent(new CustomEvent("voronka:touched"));
    missed = false;
    readAt = bodyReadAt = Infinity;
    if (hearsOf === record) recordReadAt = Infinity;
  });
  source.addEventListener("told", () => {
    heard();
    document.dispatchEvent(new CustomEvent("voronka:told"));
  });
  source.addEventListener("beat", heard);
  source.addEventListener("refresh", (event) => {
    heard();
    readEverything(JSON.parse(event.data).spread);
  });
  source.addEventListener("changed", (event) => {
    heard();
    const notice = JSON.parse(event.data);
    if (notice.origin === tab) return;
    notice.stages.forEach((stage) => stages.add(stage));
    soon(notice.spread);
  });
  source.addEventListener("touched", (event) => {
    heard();
    const notice = JSON.parse(event.data);
    if (notice.origin === tab) return;
    setTimeout(() => document.dispatchEvent(new CustomEvent("voronka:touched")), Math.random() * notice.spread);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) askWhy();
    lost();
  });
}

/** The server wouldn't open the stream: 204 means that nobody is signed in here any more. */
async function askWhy() {
  const stop = new AbortController();
  const answer = await fetch(address, { credentials: "same-origin", signal: stop.signal }).catch(() => null);
  const { status } = answer ?? {};
  stop.abort();
  if (status !== 204) return;
  clearTimeout(retry);
  clearTimeout(saying);
  retry = saying = address = null;
  document.dispatchEvent(new CustomEvent("voronka:signed-out"));
}

function lost() {
  missed = true;
  source?.close();
  saying ??= setTimeout(sayLost, navigator.onLine ? PATIENCE : 0);
  if (retry === null) {
    retry = setTimeout(connect, retryAfter * (0.5 + Math.random()));
    retryAfter = Math.min(retryAfter * 2, 15_000);
  }
}

function sayLost() {
  document.documentElement.dataset.connection = "lost";
}

/** Hear too of what is said and done about a record that is looked at now, and was read at that time of the server's; null for none. */
export function listenTo(looked, looking = Infinity) {
  if (looked === record) return;
  record = looked;
  recordReadAt = looking;
  clearTimeout(turning);
  turning = setTimeout(() => { if (address && retry === null) connect(); }, SETTLE); // who leafs through deals needs no stream for each
}

/** Listen to the stream of the element, if the page has one; `data-read-at` says when the page was read. */
function start() {
  const element = document.querySelector("[data-live]");
  address = element?.dataset.live ?? document.body.dataset.stream ?? null;
  readAt = Number(element?.dataset.readAt ?? Infinity);
  bodyReadAt = Number(document.body.dataset.readAt ?? Infinity);
  record = document.querySelector("[data-activities]")?.dataset.activities ?? null;
  recordReadAt = record ? bodyReadAt : Infinity;
  if (address) connect();
}

setInterval(() => {
  if (source && !document.hidden && retry === null && Date.now() - lastHeard > SILENCE) lost();
}, 5_000);
// A hidden tab gives its connection back: browsers allow six per server. It catches up when looked at again.
document.addEventListener("visibilitychange", () => {
  if (!address) return;
  if (document.hidden) {
    missed = true;
    source?.close();
  } else {
    connect();
  }
});
window.addEventListener("online", () => address && connect());
window.addEventListener("offline", () => address && lost());
window.addEventListener("pageshow", (event) => {
  if (!event.persisted || !address) return;
  missed = true; // kept by the browser as it was, and closed meanwhile
  connect();
});
window.addEventListener("pagehide", () => source?.close());
start();
