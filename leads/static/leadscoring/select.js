// Choosing many rows: Shift chooses all between two, and the bar says how many are chosen. Without script the
// boxes work one by one.
"use strict";
(() => {
  const said = () => document.querySelector("#bulk [role=status]");
  const boxes = () => [...document.querySelectorAll("input[name=lead][form=bulk]")];
  let last = null;

  const say = () => {
    const words = said();
    if (!words) return;
    const count = boxes().filter((box) => box.checked).length;
    words.textContent = count === 0 ? "" : count === 1 ? words.dataset.one : words.dataset.many.replace("%n", count);
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=lead][form=bulk]");
    if (!box) return;
    const all = boxes();
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    say();
  });
  document.addEventListener("run:select", () => {
    const row = document.querySelector("a[data-row][aria-current]")?.closest("li");
    row?.querySelector("input[name=lead]")?.click();
  });
  document.addEventListener("run:count", say);
  addEventListener("pageshow", say);
})();
