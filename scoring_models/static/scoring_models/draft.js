// Shows of each rule only the fields that its kind uses. Without it all are shown, and the server says the same.
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

  for (const rule of document.querySelectorAll("[data-rules] .rule")) {
    rule.addEventListener("change", () => fit(rule));
    fit(rule);
  }
})();
