// Speaking to the server from scripts: with the security token and the name of this tab.
import { tab } from "./live.js";

/** Headers that every writing request carries. */
export function headers() {
  return { "X-CSRFToken": document.body.dataset.csrf, "X-Tab": tab, "X-Requested-With": "fetch" };
}

/** POST form fields (an object or FormData); resolves to the Response, whatever its status. */
export function post(address, fields = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return fetch(address, { method: "POST", body, headers: headers(), credentials: "same-origin" });
}
