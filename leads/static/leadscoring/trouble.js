// What goes wrong between the page and the server is said, and nothing that was typed or done is lost.
"use strict";
(() => {
  const box = document.getElementById("trouble");
  if (!box) return;
  const [text, again] = [box.querySelector("span"), box.querySelector("button")];
  let retry = null;
  let passes = false; // with the next answer, since nobody waits for what failed

  const say = (sentence, repeat, passing = false) => {
    [retry, passes] = [repeat, passing];
    again.hidden = !repeat;
    if (box.hidden || text.textContent !== sentence) text.textContent = sentence;
    box.hidden = false;
  };
  const clear = () => {
    retry = null;
    box.hidden = true;
  };
  const repeat = ({ verb, path, elt, target, again: own }) =>
    own ?? (() => window.htmx.ajax(verb.toUpperCase(), path, { source: elt, target }).catch(() => null));
  // What a page asks for by itself doesn't take the place of what somebody did: that is what is tried again.
  const tell = ({ requestConfig }, sentence, passing) => {
    const byItself = requestConfig.verb === "get" && !requestConfig.triggeringEvent;
    if (!retry || passes || !byItself) say(sentence, repeat(requestConfig), byItself && passing);
  };
  // A refusal comes in words.
  const words = (xhr) =>
    new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[role=alert]")?.textContent;

  // Who signed in again elsewhere has other tokens than this page; the refusal brings one, which is tried once.
  let renewed = "";
  const renew = (token) => {
    if (!token || renewed) return false;
    renewed = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    return true;
  };

  again.addEventListener("click", () => {
    const once = retry;
    clear();
    once?.();
  });
  addEventListener("offline", () => say(box.dataset.offline, null));
  addEventListener("online", clear);
  // A form that loads a page would be lost with a server that is gone: unless it was just there, that is asked first.
  // The queue asks for news every three seconds, so that nobody waits for that there.
  const JUST_MS = 5000;
  let heard = Date.now();
  let asking = false;
  const ask = async (send) => {
    if (asking) return;
    asking = true;
    const there = await fetch(box.dataset.asks, { cache: "no-store" }).then((answer) => answer.ok, () => false);
    asking = false;
    if (!there) return say(box.dataset.gone, send);
    heard = Date.now();
    clear();
    return send();
  };
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const posts = form.method === "post" && !form.matches("[hx-post]");
    if (form.method === "dialog" || (navigator.onLine && (!posts || Date.now() - heard < JUST_MS))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const send = () => form.requestSubmit(submitter);
    if (navigator.onLine) ask(send);
    else say(box.dataset.offline, send);
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([hx-get])");
    if (navigator.onLine || !link) return;
    event.preventDefault();
    say(box.dataset.offline, () => link.click());
  });

  const body = document.body;
  // A list is busy as a whole: a part of it that has no role of its own would get one by being busy.
  const busy = (event) => event.detail.target.closest("[role=listbox]") ?? event.detail.target;
  body.addEventListener("htmx:beforeRequest", (event) => busy(event).setAttribute("aria-busy", "true"));
  body.addEventListener("htmx:afterRequest", (event) => {
    busy(event).removeAttribute("aria-busy");
    if (event.detail.successful) [renewed, heard] = ["", Date.now()];
    if (event.detail.successful && (!retry || passes) && navigator.onLine) clear();
  });
  body.addEventListener("htmx:sendError", ({ detail }) =>
    tell(detail, navigator.onLine ? box.dataset.failed : box.dataset.offline, true));
  body.addEventListener("htmx:responseError", ({ detail }) => {
    if (renew(detail.xhr.getResponseHeader("X-CSRFToken"))) repeat(detail.requestConfig)();
    else tell(detail, words(detail.xhr) || box.dataset.failed, true);
  });
  // Signed out elsewhere: the answer is the page to sign in, which belongs into no part of this one.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (!new URL(event.detail.xhr.responseURL || location).pathname.startsWith("/login/")) return;
    event.detail.shouldSwap = false;
    tell(event.detail, box.dataset.signedOut, false);
  });
})();
