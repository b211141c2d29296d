// What a value of a condition is typed or chosen with. `editorOf` gives elements and a `read` that answers the value, or null for none yet.

const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text);

function make(tag, attributes = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...inside);
  return element;
}

/** The editor for a field and an operator, filled with what is given where that makes sense. */
export function editorOf(field, operator, given, around) {
  if (operator.takes === "nothing") return { elements: [], read: () => null };
  if (operator.takes === "days") return days(given, around);
  if (operator.takes === "many") return (MANY[field.editor] ?? manyTexts)(field, list(given), around);
  if (operator.takes === "two") return two(field, list(given), around);
  return one(field, Array.isArray(given) ? given[0] : given, around);
}

const list = (given) => (Array.isArray(given) ? given : given === null || given === undefined ? [] : [given]);
const one = (field, given, around) => (ONE[field.editor] ?? text)(field, given, around);

function text(field, given, { words }) {
  const input = make("input", { className: "input", value: typeof given === "string" ? given : "", maxLength: 200, ariaLabel: `${field.label}: ${words.value}` });
  return { elements: [input], read: () => input.value.trim() || null };
}

function number(field, given, { words }) {
  const input = make("input", { className: "input", value: given ?? "", inputMode: "decimal", ariaLabel: `${field.label}: ${words.value}` });
  const read = () => {
    const typed = input.value.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
    return /^-?\d{1,15}(\.\d+)?$/.test(typed) ? typed : null;
  };
  return { elements: [input], read };
}

function choice(field, given, { words }) {
  const select = make("select", { className: "input", ariaLabel: `${field.label}: ${words.value}` });
  for (const { key, label } of field.choices) select.append(new Option(label, key));
  if (field.choices.some(({ key }) => key === String(given))) select.value = String(given);
  return { elements: [select], read: () => asKept(field, select.value) };
}

function asKept(field, value) {
  if (field.editor === "yes_no") return value === "true";
  return field.editor === "person" && /^\d+$/.test(value) ? Number(value) : value || null;
}

function day(field, given, { words }) {
  const select = make("select", { className: "input", ariaLabel: `${field.label}: ${words.value}` });
  for (const { key, label } of field.choices) select.append(new Option(label, key));
  select.append(new Option(words.day, "day"));
  const input = make("input", { className: "input", type: "date", ariaLabel: `${field.label}: ${words.day}` });
  const certain = typeof given === "string" && isDay(given);
  if (certain) input.value = given;
  select.value = certain ? "day" : field.choices.some(({ key }) => key === given) ? given : "today";
  const show = () => { input.hidden = select.value !== "day"; };
  select.addEventListener("change", () => { show(); if (!input.hidden) input.focus(); });
  show();
  return { elements: [select, input], read: () => (select.value === "day" ? input.value || null : select.value) };
}

function days(given, { words }) {
  const input = make("input", { className: "input", type: "number", min: 1, max: 36600, value: typeof given === "number" ? given : 7, ariaLabel: words.days });
  const read = () => (/^\d{1,5}$/.test(input.value) && Number(input.value) > 0 ? Number(input.value) : null);
  return { elements: [input, make("span", { className: "nowrap muted", textContent: words.days })], read };
}

function two(field, given, around) {
  const [first, second] = [one(field, given[0], around), one(field, given[1], { ...around, words: { ...around.words, value: around.words.to } })];
  const read = () => {
    const both = [first.read(), second.read()];
    return both.includes(null) ? null : both;
  };
  return { elements: [...first.elements, make("span", { className: "nowrap muted", textContent: "–" }), ...second.elements], read };
}

function checks(field, given) {
  const chosen = new Set(given.map(String));
  const boxes = field.choices.map(({ key, label }) => make("input", { type: "checkbox", value: key, checked: chosen.has(key), title: label }));
  const element = make("div", { className: "filter-many", role: "group", ariaLabel: field.label },
    ...boxes.map((box) => make("label", { className: "check" }, box, ` ${box.title}`)));
  const read = () => {
    const found = boxes.filter((box) => box.checked).map((box) => asKept(field, box.value));
    return found.length ? found : null;
  };
  return { elements: [element], read };
}

function manyTexts(field, given, { words }) {
  const input = make("input", { className: "input", value: given.join(", "), placeholder: words.more, ariaLabel: `${field.label}: ${words.value}` });
  const read = () => {
    const found = input.value.split(",").map((part) => part.trim()).filter(Boolean);
    return found.length ? found : null;
  };
  return { elements: [input], read };
}

// A record is found by its name, and kept by its number.
let lists = 0;
function records(field, given, { words, names, records: address }, { many = false } = {}) {
  const known = new Map(Object.entries(names[field.record] ?? {}).map(([key, label]) => [label, Number(key)]));
  const labelOf = (key) => [...known].find(([, other]) => other === key)?.[0] ?? "";
  const id = `filter-records-${++lists}`;
  const options = make("datalist", { id });
  const input = make("input", { className: "input", autocomplete: "off", placeholder: words.typeName, ariaLabel: `${field.label}: ${words.value}`,
    value: many ? "" : labelOf(given[0]) });
  input.setAttribute("list", id);
  const chosen = new Map(many ? given.map((key) => [key, labelOf(key)]) : []);
  const shown = make("div", { className: "filter-tools" });
  const show = () => shown.replaceChildren(...[...chosen].map(([key, label]) => {
    const pill = make("button", { type: "button", className: "pill pill-accent", title: words.remove, textContent: `${label || key} ✕` });
    pill.addEventListener("click", () => { chosen.delete(key); show(); input.focus(); });
    return pill;
  }));
  let waiting = null;
  input.addEventListener("input", () => {
    const key = known.get(input.value);
    if (many && key) {
      chosen.set(key, input.value);
      input.value = "";
      return show();
    }
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const query = new URLSearchParams({ field: field.key, text: input.value });
      const answer = await fetch(`${address}?${query}`, { credentials: "same-origin" }).catch(() => null);
      const found = answer?.ok ? (await answer.json()).records : [];
      for (const one of found) known.set(one.label, one.key);
      options.replaceChildren(...found.map((one) => new Option(one.label, one.label)));
    }, 200);
  });
  show();
  const read = () => (many ? (chosen.size ? [...chosen.keys()] : null) : known.get(input.value.trim()) ?? null);
  return { elements: [input, options, ...(many ? [shown] : [])], read };
}

const ONE = { number, money: number, choice, person: choice, yes_no: choice, day, record: (field, given, around) => records(field, list(given), around) };
const MANY = { choice: checks, person: checks, tags: (field, given, around) => (field.choices.length ? checks(field, given) : manyTexts(field, given, around)),
  record: (field, given, around) => records(field, given, around, { many: true }) };
