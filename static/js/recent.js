// The records that this person has looked at in this browser: ids alone, so that names and rights are asked of the server each time.
const MOST = 12;
const PAGES = { deals: "deal", contacts: "contact", companies: "company" };

/** Note a record (`deal:7`) as the latest; gives all of them, the latest first, but for the one whose page this is. */
export function noted(user, record) {
  const key = `recent-${user}`;
  let all = [];
  try {
    all = JSON.parse(localStorage.getItem(key) ?? "[]").filter((one) => /^[a-z]+:\d+$/.test(one));
    if (record) {
      all = [record, ...all.filter((one) => one !== record)].slice(0, MOST);
      localStorage.setItem(key, JSON.stringify(all));
    }
  } catch { /* no storage: nothing is remembered */ }
  return all.filter((one) => one !== here());
}

function here() {
  const [, page, id] = location.pathname.match(/^\/(deals|contacts|companies)\/(\d+)\/$/) ?? [];
  const deal = id ? null : new URLSearchParams(location.search).get("deal");
  return id ? `${PAGES[page]}:${id}` : /^\d+$/.test(deal ?? "") ? `deal:${deal}` : null;
}

const user = document.querySelector("[data-palette]")?.dataset.user;
if (user) {
  if (here()) noted(user, here());
  document.addEventListener("record:opened", (event) => noted(user, event.detail));
}
