// The page of all views: pins are put in order and taken away, views deleted.
import { keysOf, makeSortable } from "./list-order.js";
import { headers } from "./server.js";
import "./saved-views.js";

window.addEventListener("load", () => makeSortable(document, (element) => {
  fetch(element.dataset.orderPins, { method: "POST", body: new URLSearchParams({ order: keysOf(element).join(",") }), headers: headers(), credentials: "same-origin" });
}));
