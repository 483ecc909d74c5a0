// Shows of each rule only the fields that its kind uses, and adds as many new rules as one likes. Without it all
// fields are shown and there is one new rule at a time; the server says the same.
(() => {
  const field = (rule, name) => rule.querySelector(`[name$="-${name}"]`);
  const chosen = (select) => select.selectedOptions[0];

  function fit(rule) {
    const kind = field(rule, "kind").value;
    for (const part of rule.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").includes(kind);
    }
    const attribute = chosen(field(rule, "attribute")).dataset.kind;
    for (const option of field(rule, "operator").options) {
      const suits = !option.value || !attribute || option.dataset.kinds.split(" ").includes(attribute);
      option.hidden = option.disabled = !suits;
    }
    const takes = chosen(field(rule, "operator"))?.dataset.takes;
    if (kind === "attribute") rule.querySelector("[data-values]").hidden = takes === "0";
    rule.querySelector("[data-lists]").hidden = takes !== undefined && takes !== "list";
  }

  function tend(rule) {
    rule.addEventListener("change", () => fit(rule));
    fit(rule);
  }

  // The server counts the forms of each set by this field.
  const total = (button) => document.getElementById(`id_${button.dataset.add}-TOTAL_FORMS`);

  function add(button) {
    const blank = button.parentElement.querySelector("template");
    const holder = document.createElement("div");
    holder.innerHTML = blank.innerHTML.replaceAll("__prefix__", total(button).value);
    total(button).value = Number(total(button).value) + 1;
    const rule = holder.firstElementChild;
    blank.before(rule);
    tend(rule);
    field(rule, "points").focus();
  }

  for (const rule of document.querySelectorAll("[data-rules] .rule")) tend(rule);
  for (const button of document.querySelectorAll("[data-add]")) {
    const unused = button.parentElement.querySelector(".rule[data-blank]");
    if (unused) {
      unused.remove();
      total(button).value = Number(total(button).value) - 1;
    }
    button.addEventListener("click", () => add(button));
  }
})();
