// Ordering a list (<form data-order> with rows [data-order-id]) by dragging, or by the buttons “up” and “down”.
// Without this script the buttons still work: the form sends them.
import { post } from "./server.js";
import { toast } from "./toasts.js";

const words = document.querySelector("[data-order-words]")?.dataset ?? {};
const say = document.querySelector("[data-order-say]");

/** While a long history is worked out anew: how far it may be, by the time that it takes. Returns what ends it. */
function showProgress() {
  const line = document.querySelector("[data-order-progress]");
  if (!line) return () => {};
  const bar = line.querySelector("progress");
  const began = Date.now();
  line.hidden = false;
  bar.value = 0;
  const timer = setInterval(() => { bar.value = Math.min((Date.now() - began) / 1000, bar.max * 0.95); }, 250);
  return () => { clearInterval(timer); line.hidden = true; };
}

class Order {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector("[data-order-list]");
    this.saving = false;
    form.addEventListener("submit", (event) => this.step(event));
    new window.Sortable(this.list, {
      handle: "[data-order-handle]", draggable: "[data-order-id]", animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
      forceFallback: true, fallbackTolerance: 4, ghostClass: "is-ghost", dragClass: "is-dragged",
      onEnd: ({ item }) => { this.announce(item); this.save(); },
    });
  }

  get rows() { return [...this.list.querySelectorAll("[data-order-id]")]; }
  get shown() { return this.rows.map((row) => row.dataset.orderId).join(","); }
  get saved() { return this.form.elements.was.value; }

  /** A button “up” or “down” was pressed. */
  step(event) {
    const button = event.submitter;
    const row = button?.closest("[data-order-id]");
    if (!row || !["up", "down"].includes(button.name)) return;
    event.preventDefault();
    if (button.name === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    // At the end of the list its button is gone: the other one takes the focus.
    (getComputedStyle(button).visibility === "hidden" ? row.querySelector(`[name="${button.name === "up" ? "down" : "up"}"]`) : button).focus();
    this.announce(row);
    this.save();
  }

  announce(row) {
    const gaps = { name: row.dataset.orderName, place: this.rows.indexOf(row) + 1, count: this.rows.length };
    say.textContent = (words.place ?? "").replace(/%(\w+)%/g, (_whole, gap) => gaps[gap]);
  }

  /** Send the order that is shown; one request at a time, the newest order last. */
  async save() {
    if (this.saving) return;
    this.saving = true;
    this.form.setAttribute("aria-busy", "true");
    const done = showProgress();
    const before = this.saved;
    const taken = await this.send();
    this.saving = false;
    done();
    this.form.removeAttribute("aria-busy");
    if (taken && this.saved !== before) toast(words.saved, { undo: () => this.put(before, words.back) });
  }

  /** Resolves to whether the server took all of it; what it refused has been said. */
  async send() {
    while (this.shown !== this.saved) {
      const [order, was] = [this.shown, this.saved];
      const answer = await post(this.form.action, { order, was }).catch(() => null);
      if (!answer?.ok) {
        await this.refused(answer);
        return false;
      }
      this.form.elements.was.value = order;
    }
    return true;
  }

  /** The server said no: show its words and the order that stands there. */
  async refused(answer) {
    const told = document.createElement("template");
    told.innerHTML = answer ? await answer.text() : "";
    const reasons = [...told.content.querySelectorAll("[data-reason]")].map((reason) => reason.textContent.trim()).join(" ");
    toast(reasons || words.failed, { kind: "error" });
    this.arrange(this.saved);
    if (answer) await this.reread();
  }

  /** Take the list as the server has it now. */
  async reread() {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-order]");
    if (!fresh) return location.reload();
    this.list.replaceChildren(...fresh.querySelectorAll("[data-order-id]"));
    this.form.elements.was.value = fresh.elements.was.value;
  }

  arrange(order) {
    const rows = new Map(this.rows.map((row) => [row.dataset.orderId, row]));
    this.list.append(...order.split(",").map((id) => rows.get(id)).filter(Boolean));
  }

  async put(order, said) {
    const done = showProgress();
    const answer = await post(this.form.action, { order, was: this.saved }).catch(() => null);
    done();
    if (!answer?.ok) return this.refused(answer);
    this.arrange(order);
    this.form.elements.was.value = order;
    toast(said);
  }
}

document.querySelectorAll("[data-order]").forEach((form) => new Order(form));
