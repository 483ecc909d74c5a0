// The colours that a person chose, applied before anything is drawn. "" follows the system.
"use strict";
(() => {
  const KEY = "scheme";
  const apply = (scheme) => {
    if (scheme) document.documentElement.dataset.scheme = scheme;
    else delete document.documentElement.dataset.scheme;
  };
  const stored = () => localStorage.getItem(KEY) || "";
  apply(stored());
  document.documentElement.dataset.script = "";
  addEventListener("storage", (event) => event.key === KEY && apply(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-set-scheme]");
    if (!button) return;
    localStorage.setItem(KEY, button.dataset.setScheme);
    apply(button.dataset.setScheme);
  });
})();
