// Keys press what the page shows: the sheet of keys (#shortcuts) says which key means which command, and a
// command is an element with that data-command. Nothing here is needed to work with a pointer.
"use strict";
(() => {
  const sheet = document.getElementById("shortcuts");
  if (!sheet) return;
  const commandOf = new Map(
    [...sheet.querySelectorAll("[data-key]")].map((item) => [item.dataset.key, item.dataset.runs]),
  );
  // The switch is stored with the person; keys without Ctrl or Cmd listen to it.
  const enabled = sheet.querySelector("input[name=on]");

  const rows = () => [...document.querySelectorAll("a[data-row]")];
  const current = () => document.querySelector("a[data-row][aria-current]");
  const choose = (row) => {
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  };
  const move = (step) => {
    const all = rows();
    const next = all[all.indexOf(current()) + step];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.click();
  };
  // What a key or a click opened is where one wants to write.
  const enter = (form) => {
    if (!form.open || form.contains(document.activeElement?.closest("form"))) return;
    (form.querySelector("input:checked") ?? form.querySelector("input:not([type=hidden]), select"))?.focus();
  };
  // The panel follows the chosen row a moment later; what is pressed meanwhile waits for the right lead.
  const panel = document.getElementById("panel");
  let waiting = null;
  const follows = () => {
    const row = current();
    return panel && row && row.dataset.row !== `/leads/${panel.querySelector("[data-chosen]")?.dataset.chosen}/`;
  };
  // Where one was before a key led to a field or a part of the page: Escape leads back.
  let cameFrom = null;
  const press = (command) => {
    if (follows() && !document.querySelector(`[data-command="${command}"]:not(#panel *)`)) {
      waiting = command;
      return true;
    }
    const all = [...document.querySelectorAll(`[data-command="${command}"]`)];
    const seen = all.filter((it) => it.checkVisibility());
    // Of several messages the last one is of what was done last.
    const shown = (command === "undo" ? seen.at(-1) : seen[0]) ?? all.find((it) => "always" in it.dataset);
    if (!shown) return false;
    if (shown.matches("input, section")) cameFrom = document.activeElement;
    if (shown.matches("input")) shown.focus();
    else if (shown.matches("section")) {
      shown.focus();
      shown.scrollIntoView({ block: "nearest" });
    } else shown.click();
    if (shown.matches("details[name] > summary")) enter(shown.parentElement);
    return true;
  };
  const commands = {
    down: () => move(1),
    up: () => move(-1),
    open: () => {
      const shown = document.querySelector("#panel [data-chosen]")?.dataset.chosen;
      const path = current()?.dataset.row ?? (shown && `/leads/${shown}/`);
      if (path) location.assign(path);
    },
    help: () => sheet.showModal(),
    palette: () => document.dispatchEvent(new CustomEvent("run:palette")),
    select: () => document.dispatchEvent(new CustomEvent("run:select")),
  };
  const run = (command) => (commands[command] ? (commands[command](), true) : press(command));

  const typing = (target) =>
    target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
  // Enter belongs to whatever has the focus, unless that is a row or nothing.
  const entersElsewhere = (target) => target.closest("a:not([data-row]), button, summary, input, [role=button]");

  const escape = () => {
    const at = document.activeElement;
    const opened = at.closest("details[open][name], details.menu[open]");
    document.querySelectorAll("details[open][name], details.menu[open]").forEach((it) => (it.open = false));
    if (opened) opened.querySelector("summary").focus();
    else if (typing(at) || at.matches("section")) {
      at.blur();
      (cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : current())?.focus({ preventScroll: true });
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) escape();
    const held = event.ctrlKey || event.metaKey;
    const command = commandOf.get((held ? "mod+" : "") + event.key);
    if (!command || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (!held && (!enabled.checked || typing(event.target))) return;
    if (event.key === "Enter" && entersElsewhere(event.target)) return;
    if (run(command)) event.preventDefault();
  });
  document.addEventListener("run", (event) => run(event.detail));

  document.addEventListener("click", (event) => {
    const verb = event.target.closest(".row-verbs a");
    const row = verb ? verb.closest("li").querySelector("a[data-row]") : event.target.closest("a[data-row]");
    if (row) choose(row);
    verb?.parentElement.hidePopover?.();
    const opener = event.target.closest("[data-command=help], [data-command=palette]");
    if (opener) run(opener.dataset.command);
    // A menu closes when one looks elsewhere.
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details[name]")) enter(event.target);
  }, true);

  // Another lead is read from its top.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "panel") return;
    event.target.scrollTop = 0;
    scrollTo(0, 0);
  });

  document.body.addEventListener("htmx:afterSettle", () => {
    if (!waiting || follows()) return;
    const command = waiting;
    waiting = null;
    press(command);
  });

  // A lead that is put off leaves the list: one goes on with the row below it, and the focus stays in the list.
  const AFTER = "row-after-verb";
  document.addEventListener("submit", (event) => {
    const next = event.target.closest("#panel form")?.elements.next;
    if (!next || !current()) return;
    sessionStorage.setItem(AFTER, "on");
    const address = new URL(next.value, location);
    const all = rows();
    const row = all[all.indexOf(current()) + 1] ?? all[all.indexOf(current()) - 1];
    if (address.pathname !== "/queue/" || address.searchParams.has("lead") || !row) return;
    address.searchParams.set("lead", row.dataset.row.split("/")[2]);
    next.value = address.pathname + address.search;
  });
  if (sessionStorage.getItem(AFTER)) {
    sessionStorage.removeItem(AFTER);
    current()?.focus({ preventScroll: true });
    current()?.scrollIntoView({ block: "nearest" });
  }

  // Browser history brings back a page whose marked row is another.
  document.body.addEventListener("htmx:historyRestore", () => location.reload());

  // What is cut off is told whole to a pointer that rests on it.
  document.addEventListener("mouseover", ({ target }) => {
    const cut = target.scrollWidth > target.clientWidth && getComputedStyle(target).textOverflow === "ellipsis";
    if (cut && !target.title) target.title = target.textContent.trim();
  });

  // Messages leave by themselves, but never while somebody is at them, or waits for what they undo.
  const leaveLater = () => {
    for (const toast of document.querySelectorAll(".toast.success, .toast.info")) {
      const used = () => toast.matches(":hover, :focus-within, :has(.htmx-request)");
      const leave = () => (used() ? setTimeout(leave, 2000) : toast.remove());
      setTimeout(leave, 8000);
    }
  };
  leaveLater();
  // Screen readers say what comes into a live region, not what a page was loaded with.
  const said = [...document.querySelectorAll("#messages > .toast")];
  said.forEach((toast) => toast.remove());
  setTimeout(() => document.getElementById("messages")?.append(...said), 100);
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "messages") leaveLater();
  });
})();
