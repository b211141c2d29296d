// A contact's or company's page: what its edited fields say elsewhere on it follows.
import { readTimelines } from "./activities.js";
import "./fields.js";
import "./deleting.js";
import "./planner.js";

document.addEventListener("deal:edited", ({ detail }) => {
  const fields = detail?.fields;
  if (!fields?.matches("[data-fields][data-name]")) return;
  document.querySelector("[data-client-name]").textContent = fields.dataset.name;
  document.title = document.title.replace(/^.*(?= · )/, () => fields.dataset.name);
  document.querySelector("[data-client-warning]").hidden = !("doNotContact" in fields.dataset);
  readTimelines();
});
