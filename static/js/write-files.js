// Files of a record: chosen, dropped anywhere on the page, or a picture pasted.
let take = async () => {};
/** Have `take(address, form)` send what was given. */
export const onFiles = (sender) => { take = sender; };

const hasFiles = (data) => [...(data?.types ?? [])].includes("Files");
/** The bar that files dropped or pasted here belong to: the one they fall on, else the page's own. */
const barOf = (target) => target.closest?.("[data-write]") ?? target.closest?.("[data-deal]")?.querySelector("[data-write]")
  ?? [...document.querySelectorAll("[data-write]")].at(-1);

async function send(bar, files) {
  if (!bar || !files.length || bar.hasAttribute("aria-busy")) return;
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || "picture.png");
  bar.setAttribute("aria-busy", "true");
  await take(bar.dataset.files, form);
  bar.removeAttribute("aria-busy");
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-upload]")) return;
  send(event.target.closest("[data-write]"), [...event.target.files]);
  event.target.value = "";
});

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || event.target.closest?.("input, dialog")) return;
  const bar = barOf(event.target);
  if (!bar) return;
  event.preventDefault();
  send(bar, files);
});

let leaving = null;
document.addEventListener("dragover", (event) => {
  const bar = hasFiles(event.dataTransfer) && barOf(event.target);
  if (!bar) return;
  event.preventDefault(); // else the browser would open the file in place of the page
  event.dataTransfer.dropEffect = "copy";
  bar.classList.add("is-target");
  clearTimeout(leaving);
  leaving = setTimeout(() => bar.classList.remove("is-target"), 200);
});
document.addEventListener("drop", (event) => {
  const bar = hasFiles(event.dataTransfer) && barOf(event.target);
  if (!bar) return;
  event.preventDefault();
  send(bar, [...event.dataTransfer.files]);
});
