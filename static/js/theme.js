// Runs before the first paint (a plain script in the head): a theme that follows the system needs to ask it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = root.dataset.theme;
    root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-set-theme]");
    if (!button) return;
    root.dataset.theme = button.dataset.setTheme;
    // The server renders the choice from now on, so that no page flashes.
    document.cookie = `theme=${button.dataset.setTheme}; path=/; max-age=31536000; samesite=lax`;
    apply();
    for (const other of document.querySelectorAll("[data-set-theme]")) {
      other.setAttribute("aria-checked", String(other.dataset.setTheme === root.dataset.theme));
    }
  });
})();
