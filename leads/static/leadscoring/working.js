// What one does with a lead is answered without another page: the panel that follows first, with what was done,
// and the list beside it a moment later. What isn't answered by a panel is sent again as a plain form.
"use strict";
(() => {
  const panel = document.getElementById("panel");
  if (!panel) return;
  const rows = () => [...document.querySelectorAll("a[data-row]")];
  const current = () => document.querySelector("a[data-row][aria-current]");
  const list = () => document.getElementById("list");
  const works = (form) =>
    form.method === "post" &&
    (form.id === "claim-row" || form.closest("#panel, #messages, .head") || form.querySelector("[data-command=undo]"));

  // Where one is now: the address follows the panel, forms beside it were made before.
  const here = () => {
    const address = new URL(location);
    const row = current();
    if (row && !address.searchParams.has("lead")) address.searchParams.set("lead", row.dataset.row.split("/")[2]);
    return address.pathname + address.search;
  };
  let sent = null;

  // A lead that is still asked for would hold back what is done meanwhile, and its answer with it.
  const overtake = () => {
    const asked = document.querySelector("a[data-row].htmx-request");
    if (!asked) return;
    window.htmx.trigger(panel, "htmx:abort");
    history.replaceState({ htmx: true }, "", asked.href);
  };

  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !works(form)) return;
    event.preventDefault();
    sessionStorage.removeItem("row-after-verb");
    if (sent) return;
    overtake();
    const button = event.submitter;
    const values = new FormData(form, button);
    if (!form.closest("#panel") && form.id !== "claim-row") values.set("next", here());
    const again = () => {
      if (!form.isConnected) document.body.append(form);
      form.requestSubmit(button);
    };
    const mine = { form, inPanel: Boolean(form.closest("#panel, #messages")), again };
    sent = mine;
    // The panel asks, not the form: a list that comes meanwhile takes its forms away, and with them the answer.
    const swap = { source: panel, target: panel, swap: "innerHTML show:none", values };
    window.htmx.ajax("POST", button?.hasAttribute("formaction") ? button.formAction : form.action, swap)
      .catch(() => null) // which is said (trouble.js)
      .finally(() => { if (sent === mine) sent = null; });
  });

  // What failed is tried again as the form that it was, with all that is typed in it.
  panel.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.requestConfig.verb === "post" && detail.target === panel && sent) detail.requestConfig.again = sent.again;
  });

  // First of all listeners. To sign in, and what to do about mistakes, changes meanwhile and tokens that are no
  // longer good, is said on pages: none of these refusals has changed anything.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb !== "post" || event.detail.target !== panel || !sent) return;
    const answered = new URL(xhr.getResponseHeader("Content-Location") ?? xhr.responseURL, location);
    if (xhr.status === 200 && answered.pathname === "/queue/") {
      sent.address = answered.href;
      return;
    }
    if (![200, 403, 409, 422].includes(xhr.status)) return;
    event.detail.shouldSwap = event.detail.isError = false;
    event.stopImmediatePropagation();
    if (!sent.form.isConnected) document.body.append(sent.form);
    sent.form.submit();
  }, true);

  const mark = (path) => {
    const row = rows().find((it) => it.dataset.row === path);
    current()?.removeAttribute("aria-current"); // a lead that the list hasn't is none of its rows
    row?.setAttribute("aria-current", "true");
    return row;
  };
  // To the lead that is shown, in the list or, where that hasn't it, in the panel.
  const go = (row) => (row ?? panel.querySelector("h2 a"))?.focus({ preventScroll: true });
  const chosen = () => `/leads/${panel.querySelector("[data-chosen]")?.dataset.chosen}/`;

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel || !sent?.address) return;
    const { address, inPanel } = sent;
    sent = null; // what comes next is answered, though htmx may not have settled yet
    history.pushState({ htmx: true }, "", address);
    const row = mark(chosen());
    if (inPanel || document.activeElement === document.body) go(row);
    row?.scrollIntoView({ block: "nearest" });
    renew(inPanel);
  });

  // The list as it is now; what is chosen, ticked and focused in it stays.
  const renew = (focus) => {
    const picked = () => [...document.querySelectorAll("input[name=lead][form=bulk]:checked")];
    const before = list();
    let ticked = [];
    let path = "";
    let focused = focus;
    const keep = (event) => {
      if (event.detail.target !== before) return;
      ticked = picked().map((box) => box.value);
      path = current()?.dataset.row ?? chosen();
      focused ||= before.contains(document.activeElement);
    };
    document.body.addEventListener("htmx:beforeSwap", keep);
    window.htmx.ajax("GET", location.pathname + location.search, { target: before, swap: "outerHTML show:none" }).then(() => {
      const row = mark(follows(path) ? path : chosen());
      if (focused && document.activeElement === document.body) go(row);
      for (const box of document.querySelectorAll("input[name=lead][form=bulk]")) box.checked = ticked.includes(box.value);
      document.dispatchEvent(new CustomEvent("run:count"));
    }).finally(() => document.body.removeEventListener("htmx:beforeSwap", keep));
  };
  const follows = (path) => rows().some((it) => it.dataset.row === path);
})();
