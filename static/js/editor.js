// A small editor for notes: bold, italic, lists, links and mentions. What it holds lies in the form's hidden field; the server cleans it.
//   <div data-editor data-mentions="/mentions/"> <div contenteditable data-editor-text> <textarea name="html" hidden data-editor-value>
const TAGS = new Set(["P", "DIV", "BR", "B", "STRONG", "I", "EM", "UL", "OL", "LI"]);
const PAUSE = 120;
const BEFORE = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,30}(?: [\p{L}\p{N}._-]{0,30})?)$/u;

const editorOf = (target) => target.closest?.("[data-editor]");
const textOf = (editor) => editor.querySelector("[data-editor-text]");

/** Show in the editors what their fields hold, after drafts were given back. */
export function showTyped(within) {
  for (const editor of within.querySelectorAll("[data-editor]")) textOf(editor).innerHTML = safe(editor.querySelector("[data-editor-value]").value);
}

function keep(editor) {
  const text = textOf(editor);
  const isEmpty = !text.textContent.trim() && !text.querySelector("[data-user]");
  if (isEmpty && text.innerHTML !== "" && !text.querySelector("li")) text.replaceChildren();
  editor.querySelector("[data-editor-value]").value = isEmpty ? "" : text.innerHTML;
}

/** The little that a note may hold of foreign markup. */
function safe(html) {
  const room = document.createElement("div");
  room.append(...[...new DOMParser().parseFromString(html, "text/html").body.childNodes].flatMap(copy));
  return room.innerHTML;
}

function copy(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE", "TEMPLATE"].includes(node.tagName)) return [];
  const inner = [...node.childNodes].flatMap(copy);
  let kept = null;
  if (TAGS.has(node.tagName)) kept = document.createElement(node.tagName);
  else if (node.tagName === "A" && /^(https?|mailto|tel):/i.test(node.getAttribute("href") ?? "")) {
    kept = document.createElement("a");
    kept.href = node.getAttribute("href");
  } else if (node.dataset.user) kept = chip(node.dataset.user, node.textContent);
  if (!kept) return /^(H\d|TR|BLOCKQUOTE|PRE)$/.test(node.tagName) ? [...inner, document.createElement("br")] : inner;
  if (!kept.dataset.user) kept.append(...inner);
  return [kept];
}

function chip(id, words) {
  const mention = document.createElement("span");
  Object.assign(mention, { className: "mention", textContent: words, contentEditable: "false" });
  mention.dataset.user = id;
  return mention;
}

// Formatting. The browsers' own command is old, but the only one that keeps undo and works in all of them.
const run = (command, value = null) => document.execCommand(command, false, value);
document.execCommand("defaultParagraphSeparator", false, "p");
let chosen = null; // what was selected before the field of the link took the focus

document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-format], [data-suggested]")) event.preventDefault(); // the selection stays in the text
});
document.addEventListener("click", (event) => {
  const editor = editorOf(event.target);
  const format = event.target.closest?.("[data-format]")?.dataset.format;
  if (format === "link") openLink(editor);
  else if (format === "mention") begin(editor);
  else if (format) {
    textOf(editor).focus();
    run(format);
  } else if (event.target.closest?.("[data-link-set]")) setLink(editor);
  else if (event.target.closest?.("[data-suggested]")) choose(editor, event.target.closest("[data-suggested]"));
});

function openLink(editor) {
  const selection = getSelection();
  chosen = textOf(editor).contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : null;
  const row = editor.querySelector("[data-editor-link]");
  row.hidden = !row.hidden;
  if (!row.hidden) row.querySelector("input").focus();
}

function setLink(editor) {
  const row = editor.querySelector("[data-editor-link]");
  const field = row.querySelector("input");
  const address = /^[a-z]+:/i.test(field.value.trim()) ? field.value.trim() : `https://${field.value.trim()}`;
  row.hidden = true;
  textOf(editor).focus();
  if (chosen) getSelection().setBaseAndExtent(chosen.startContainer, chosen.startOffset, chosen.endContainer, chosen.endOffset);
  if (field.value.trim()) {
    if (getSelection().isCollapsed) run("insertText", address);
    else run("createLink", address);
  }
  field.value = "";
  keep(editor);
}

document.addEventListener("paste", (event) => {
  const editor = event.target.closest?.("[data-editor-text]") && editorOf(event.target);
  if (!editor || event.clipboardData.files.length) return;
  event.preventDefault();
  const html = event.clipboardData.getData("text/html");
  if (html) run("insertHTML", safe(html));
  else run("insertText", event.clipboardData.getData("text/plain"));
});

document.addEventListener("input", (event) => {
  const editor = event.target.closest?.("[data-editor-text]") && editorOf(event.target);
  if (!editor) return;
  keep(editor);
  suggest(editor);
});

// Mentions: a list below the text, walked by the arrow keys while the cursor stays where it is.
let asked = 0;
const listOf = (editor) => editor.querySelector("[role=listbox]");

function typedName(editor) {
  const { anchorNode: node, anchorOffset: offset, isCollapsed } = getSelection();
  if (!isCollapsed || node?.nodeType !== Node.TEXT_NODE || !textOf(editor).contains(node)) return null;
  const found = BEFORE.exec(node.data.slice(0, offset));
  return found && { node, from: offset - found[1].length - 1, to: offset, name: found[1] };
}

function begin(editor) {
  textOf(editor).focus();
  const { anchorNode: node, anchorOffset: offset } = getSelection();
  run("insertText", node?.nodeType === Node.TEXT_NODE && /\S$/.test(node.data.slice(0, offset)) ? " @" : "@");
}

async function suggest(editor) {
  const turn = ++asked;
  const typed = typedName(editor);
  if (!typed) return void closeList(editor);
  await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  if (turn !== asked) return;
  const query = new URLSearchParams({ text: typed.name });
  const answer = await fetch(`${editor.dataset.mentions}?${query}`, { credentials: "same-origin" }).catch(() => null);
  const { people } = answer?.ok ? await answer.json().catch(() => ({ people: [] })) : { people: [] };
  if (turn === asked) showList(editor, people);
}

function showList(editor, people) {
  closeList(editor);
  if (!people.length) return;
  const list = document.createElement("ul");
  list.id = "people-to-mention";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", editor.querySelector("[data-format=mention]").getAttribute("aria-label"));
  for (const person of people) {
    const item = document.createElement("li");
    Object.assign(item, { id: `mention-${person.id}`, textContent: person.name });
    item.setAttribute("role", "option");
    item.dataset.suggested = person.id;
    list.append(item);
  }
  editor.append(list);
  point(editor, list.firstElementChild);
}

function point(editor, item) {
  for (const other of listOf(editor).children) other.setAttribute("aria-selected", String(other === item));
  textOf(editor).setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function closeList(editor) {
  listOf(editor)?.remove();
  textOf(editor).removeAttribute("aria-activedescendant");
}

function choose(editor, item) {
  const typed = typedName(editor);
  closeList(editor);
  if (!typed) return;
  const range = document.createRange();
  range.setStart(typed.node, typed.from);
  range.setEnd(typed.node, typed.to);
  range.deleteContents();
  const mention = chip(item.dataset.suggested, `@${item.textContent}`);
  const space = document.createTextNode("\u00a0");
  range.insertNode(space);
  range.insertNode(mention);
  getSelection().collapse(space, 1);
  editor.closest("form").dataset.typed = "";
  keep(editor);
}

document.addEventListener("keydown", (event) => {
  const editor = editorOf(event.target);
  if (!editor) return;
  if (event.target.matches("[data-editor-link] input") && ["Enter", "Escape"].includes(event.key)) {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") event.target.value = "";
    return void setLink(editor);
  }
  const list = listOf(editor);
  if (!list) return;
  const here = list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown") point(editor, here.nextElementSibling ?? list.firstElementChild);
  else if (event.key === "ArrowUp") point(editor, here.previousElementSibling ?? list.lastElementChild);
  else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) choose(editor, here);
  else if (event.key === "Escape") closeList(editor);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
document.addEventListener("focusout", (event) => {
  const editor = event.target.closest?.("[data-editor-text]") && editorOf(event.target);
  if (editor) setTimeout(() => { if (!editor.contains(document.activeElement)) closeList(editor); });
});
