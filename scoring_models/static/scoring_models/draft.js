// The editor without a wait: shows of each rule only the fields that its kind uses, steps points, adds, copies and
// moves rules. Without it all fields are shown and the buttons are sent to the server, which does the same.
"use strict";
(() => {
  const draft = document.getElementById("draft");
  const aloud = document.getElementById("said-aloud");
  const field = (rule, name) => rule.querySelector(`[name="${rule.id}-${name}"]`);
  const chosen = (select) => select.selectedOptions[0];
  const rulesOf = (group) => [...group.querySelectorAll(":scope > .rules > .rule")];
  const groupOf = (element) => element.closest("[data-rules]");
  const changed = (element, event = "recount") => element.dispatchEvent(new Event(event, { bubbles: true }));

  // Which fields a rule shows

  // Of a condition: the operators that suit the attribute, and values or a list as the operator takes them.
  function suit(part, attribute, operator) {
    const kind = attribute?.matches("select") ? chosen(attribute)?.dataset.kind : undefined;
    for (const option of operator.options) {
      const suits = !option.value || !kind || option.dataset.kinds.split(" ").includes(kind);
      option.hidden = option.disabled = !suits;
    }
    const takes = chosen(operator)?.dataset.takes;
    const values = part.querySelector("[data-values]");
    values.hidden = takes === "0";
    values.querySelector("textarea").rows = takes === "list" ? 3 : takes === "2" ? 2 : 1;
    part.querySelector("[data-lists]").hidden = takes !== undefined && takes !== "list";
  }

  function suitRow(row) {
    const [subject, operator] = row.querySelectorAll("select, input[list]");
    suit(row, subject, operator);
  }

  function fit(rule) {
    const kind = field(rule, "kind").value;
    suit(rule, field(rule, "attribute"), field(rule, "operator"));
    for (const part of rule.querySelectorAll("[data-for]")) {
      if (!part.dataset.for.split(" ").includes(kind)) part.hidden = true;
      else if (!part.matches("[data-values]")) part.hidden = false;
    }
    const halves = field(rule, "decay").value === "half_life";
    const again = field(rule, "again_every_days").value !== "";
    field(rule, "half_life_days").closest("[data-for]").hidden ||= !halves;
    field(rule, "at_most").closest("[data-for]").hidden ||= kind === "inactivity" && !again;
    rule.querySelectorAll("[data-condition]").forEach(suitRow);
  }

  // The sign of points is drawn by what the attribute says.
  const sign = (input) => input.setAttribute("value", input.value);

  function tend(rule) {
    rule.addEventListener("change", () => fit(rule));
    fit(rule);
    sign(field(rule, "points"));
  }

  // Points

  function step(button) {
    const input = button.parentElement.querySelector("input");
    const by = Number(button.dataset.step);
    const next = Number(input.value || 0) + by;
    input.value = next || by; // no rule has 0 points
    sign(input);
    changed(input);
  }

  // New rules; the server counts the forms of each set by this field

  const total = (group) => document.getElementById(`id_${group.dataset.rules}-TOTAL_FORMS`);

  function make(group) {
    const holder = document.createElement("div");
    holder.innerHTML = group.querySelector("template").innerHTML.replaceAll("__prefix__", total(group).value);
    total(group).value = Number(total(group).value) + 1;
    return holder.firstElementChild;
  }

  function add(group) {
    const rule = make(group);
    group.querySelector(".rules").append(rule);
    tend(rule);
    field(rule, "kind").focus();
  }

  function addCondition(list, focus = true) {
    const total = list.querySelector('[name$="-TOTAL"]');
    const holder = document.createElement("div");
    holder.innerHTML = document
      .getElementById(`blank-${list.dataset.blank}`)
      .innerHTML.replaceAll("__rows__", list.dataset.rows)
      .replaceAll("__row__", total.value);
    total.value = Number(total.value) + 1;
    const row = holder.firstElementChild;
    list.querySelector("button[name=_condition]").before(row);
    suitRow(row);
    if (focus) row.querySelector("select, input").focus();
    return row;
  }

  // A copy has as many conditions as what it is a copy of, at the same places.
  function copyConditions(rule, copy) {
    for (const list of copy.querySelectorAll("[data-rows]")) {
      const others = rule.querySelector(`[data-rows="${list.dataset.rows.replace(copy.id, rule.id)}"]`);
      const total = Number(others.querySelector('[name$="-TOTAL"]').value);
      while (list.querySelectorAll("[data-condition]").length < total) addCondition(list, false);
    }
  }

  function duplicate(rule) {
    const group = groupOf(rule), copy = make(group);
    copyConditions(rule, copy);
    for (const input of copy.querySelectorAll("input, select, textarea")) {
      const name = input.name.replace(`${copy.id}-`, `${rule.id}-`);
      if (/-(id|version|position|DELETE|TOTAL)$/.test(name)) continue;
      const alike = [...rule.querySelectorAll(`[name="${name}"]`)];
      if (input.type === "checkbox") {
        input.checked = alike.find((it) => it.value === input.value)?.checked ?? false;
      } else if (alike.length) input.value = alike[0].value;
    }
    rule.after(copy);
    rule.querySelector(".menu").open = false;
    copy.querySelector(".said").textContent = rule.querySelector(".said").textContent;
    tend(copy);
    place(group);
    field(copy, "points").focus();
    changed(copy);
  }

  // Order: the places that the rules of a group have among all rules are dealt out anew

  function place(group) {
    const rules = rulesOf(group);
    const last = Math.max(0, ...[...draft.querySelectorAll('[name$="-position"]')].map((it) => Number(it.value)));
    const places = rules.map((rule, index) => Number(field(rule, "position").value) || last + index + 1);
    places.sort((one, other) => one - other);
    rules.forEach((rule, index) => (field(rule, "position").value = places[index]));
  }

  function tell(rule) {
    const rules = rulesOf(groupOf(rule));
    aloud.textContent = aloud.dataset.moved
      .replace("%place%", rules.indexOf(rule) + 1)
      .replace("%count%", rules.length);
  }

  function move(rule, by, focused) {
    const rules = rulesOf(groupOf(rule));
    const other = rules[rules.indexOf(rule) + by];
    if (!other) return;
    if (by < 0) other.before(rule);
    else other.after(rule);
    place(groupOf(rule));
    focused?.focus();
    tell(rule);
    changed(rule);
  }

  let dragged = null;
  const unmark = () =>
    draft.querySelectorAll(".rule.before, .rule.after").forEach((it) => it.classList.remove("before", "after"));
  const isLower = (rule, event) => {
    const box = rule.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };
  const target = (event) => {
    const rule = event.target.closest(".rule");
    return dragged && rule && rule !== dragged && groupOf(rule) === groupOf(dragged) ? rule : null;
  };

  draft.addEventListener("dragstart", (event) => {
    if (!event.target.matches(".grip")) return;
    dragged = event.target.closest(".rule");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged, 10, 10);
    dragged.classList.add("dragged");
  });
  draft.addEventListener("dragover", (event) => {
    const rule = target(event);
    if (!rule) return;
    event.preventDefault();
    unmark();
    rule.classList.add(isLower(rule, event) ? "after" : "before");
  });
  draft.addEventListener("drop", (event) => {
    const rule = target(event);
    if (!rule) return;
    event.preventDefault();
    if (isLower(rule, event)) rule.after(dragged);
    else rule.before(dragged);
    place(groupOf(dragged));
    tell(dragged);
    changed(dragged);
  });
  draft.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    unmark();
  });

  // Buttons and keys

  draft.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const rule = button?.closest(".rule");
    if (button?.dataset.step) step(button);
    else if (button?.dataset.add) add(groupOf(button));
    else if (button?.name === "_move") move(rule, Number(button.value.split(":")[1]), button);
    else if (button?.name === "_duplicate") duplicate(rule);
    else if (button?.name === "_condition") addCondition(button.closest("[data-rows]"));
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const field = document.getElementById(event.target.closest("#preview a[href^='#']")?.hash.slice(1));
    if (field) {
      for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      field.focus();
      event.preventDefault();
    }
  });

  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    draft.addEventListener(failure, (event) => {
      if (!event.target.closest("#preview")) return;
      event.stopPropagation(); // said beside the numbers, not over the page
      const status = document.getElementById("preview-status");
      status.textContent = status.dataset.failed;
    });
  }

  // What differs from what was loaded

  const said = () => new URLSearchParams(new FormData(draft)).toString();
  let loaded = "";
  const look = () => {
    const differs = said() !== loaded;
    document.querySelectorAll("[data-unsaved]").forEach((it) => (it.hidden = !differs));
    document.querySelectorAll("[data-saved]").forEach((it) => (it.hidden = differs));
  };
  draft.addEventListener("input", (event) => {
    if (event.target.matches('[name$="-points"]')) sign(event.target);
    look();
  });
  draft.addEventListener("recount", look);

  draft.addEventListener("change", (event) => {
    const row = event.target.closest("[data-condition]");
    if (row) suitRow(row);
  });

  for (const row of draft.querySelectorAll("[data-condition]")) suitRow(row);
  for (const group of document.querySelectorAll("[data-rules]")) {
    const unused = group.querySelector(".rule[data-blank]");
    if (unused) {
      unused.remove();
      total(group).value = Number(total(group).value) - 1;
    }
    rulesOf(group).forEach(tend);
  }
  // What was refused is shown as it was sent, and is still not saved.
  if (!draft.querySelector(":scope > .notice.error")) loaded = said();
  look();
})();
