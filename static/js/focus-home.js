/** A step in the history takes the focus away a moment later: give it back to where it belongs. */
export function holdFocus(target) {
  const stay = ({ relatedTarget }) => { if (!relatedTarget) setTimeout(() => target.focus({ preventScroll: true })); };
  target?.addEventListener("blur", stay);
  setTimeout(() => target?.removeEventListener("blur", stay), 500);
}
