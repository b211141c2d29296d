// A file dropped or chosen is sent at once; a page whose import is under way is read again when it is over.
const drop = document.querySelector("[data-drop]");
if (drop) {
  const field = drop.querySelector("input[type=file]");
  const send = () => {
    if (!field.files.length) return;
    // Said at once, before minutes of uploading for nothing.
    const isTooLarge = field.files[0].size > Number(drop.dataset.limit) * 1024 ** 2;
    drop.querySelector("[data-too-large]").hidden = !isTooLarge;
    if (isTooLarge) { field.value = ""; return; }
    drop.querySelector("[data-drop-name]").textContent = field.files[0].name;
    drop.setAttribute("aria-busy", "true");
    drop.requestSubmit();
  };
  field.addEventListener("change", send);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
  }
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("is-over"); });
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    send();
  });
  window.addEventListener("pageshow", () => { drop.removeAttribute("aria-busy"); field.value = ""; });
}

const watched = document.querySelector("[data-watch]:not([data-watch=''])");
if (watched) {
  document.addEventListener("htmx:after:swap", () => {
    const job = document.querySelector(`[data-job="${CSS.escape(watched.dataset.watch)}"]`);
    if (job && !["waiting", "running"].includes(job.dataset.state)) location.reload();
  });
}

document.querySelector("[data-sheets] select")?.addEventListener("change", (event) => event.target.form.requestSubmit());
document.querySelector("[data-history] input[type=file]")?.addEventListener("change", (event) => event.target.form.requestSubmit());
