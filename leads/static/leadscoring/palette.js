// The palette (#palette): a field and the options below it. Commands and pages are on the page already and
// are chosen among here; leads and saved views come from the server while one types.
"use strict";
(() => {
  const palette = document.getElementById("palette");
  const sheet = document.getElementById("shortcuts");
  if (!palette || !sheet) return;
  const field = palette.querySelector("input");
  const commands = palette.querySelector("#palette-commands");
  const said = palette.querySelector("[role=status]");
  const WITHOUT_ELEMENT = ["help"];
  const LEFT_OUT = ["palette", "up", "down", "open", "select"];

  const possible = (command) =>
    !LEFT_OUT.includes(command) &&
    (WITHOUT_ELEMENT.includes(command) || document.querySelector(`[data-command="${command}"]`));
  const fill = () => {
    commands.replaceChildren();
    for (const key of sheet.querySelectorAll("[data-key]")) {
      if (!possible(key.dataset.runs)) continue;
      const option = document.createElement("button");
      Object.assign(option, { type: "button", id: `palette-command-${key.dataset.runs}`, tabIndex: -1 });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.does = key.dataset.runs;
      option.append(key.querySelector("dd").textContent, " ", key.querySelector("kbd").cloneNode(true));
      commands.append(option);
    }
  };
  const options = () => [...palette.querySelectorAll("[role=option]:not([hidden])")];
  const mark = (option) => {
    palette.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return field.setAttribute("aria-activedescendant", option.id);
  };
  // What comes later leaves alone what somebody has stepped to.
  let steppedTo = "";
  const narrow = () => {
    const typed = field.value.trim().toLowerCase();
    for (const option of palette.querySelectorAll("#palette-commands > *, #palette-places > *")) {
      option.hidden = typed !== "" && !option.textContent.toLowerCase().includes(typed);
    }
    for (const group of [commands, palette.querySelector("#palette-places")]) {
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    }
    mark(options().find((option) => option.id === steppedTo) ?? options()[0]);
    said.textContent = `${said.dataset.said} ${options().length}`;
  };
  const step = (by) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = all[(at + by + all.length) % all.length];
    steppedTo = next?.id;
    mark(next);
  };
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    fill();
    field.value = steppedTo = "";
    palette.showModal();
    narrow();
    window.htmx?.trigger(field, "palette-opened");
  };

  document.addEventListener("run:palette", open);
  field.addEventListener("input", () => {
    steppedTo = "";
    narrow();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const chosen = palette.querySelector("[aria-selected=true]");
      if (!chosen || event.isComposing) return;
      event.preventDefault();
      chosen.click();
    }
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) return palette.close();
    const command = event.target.closest("[data-does]")?.dataset.does;
    if (!command) return undefined;
    palette.close();
    return document.dispatchEvent(new CustomEvent("run", { detail: command }));
  });
  palette.addEventListener("htmx:afterSwap", narrow);
  // The panel came, and with it what can be done with the lead.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (!palette.open || event.target.id !== "panel") return;
    fill();
    narrow();
  });
})();
