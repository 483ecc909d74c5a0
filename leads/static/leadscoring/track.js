// The website snippet: page views and forms to /v1/, once the visitor agrees. Nothing is stored or sent before.
// <script src="…/track.js" data-write-key="ls_…" defer></script>; data-consent="given" where it isn't asked.
(() => {
  const script = document.currentScript;
  const key = script.dataset.writeKey;
  const host = new URL(script.src).origin;
  const STORED = "leadscoring_anonymous_id";
  const TRAITS = { email: "email", "given-name": "firstName", "family-name": "lastName", tel: "phone", organization: "company" };
  const objects = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  let agreed = false;
  let waiting = [];

  const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`);

  function anonymousId() {
    const known = localStorage.getItem(STORED);
    if (known) return known;
    localStorage.setItem(STORED, newId());
    return localStorage.getItem(STORED);
  }

  function send(call, said) {
    if (objects || !key) return;
    const now = new Date().toISOString();
    const message = { ...said, messageId: newId(), timestamp: now };
    if (agreed) post(call, message);
    else waiting.push([call, message]);
  }

  function post(call, message) {
    const page = { path: location.pathname, url: location.href, title: document.title, referrer: document.referrer };
    const body = JSON.stringify({
      context: { page }, ...message, anonymousId: anonymousId(), sentAt: new Date().toISOString(), writeKey: key,
    });
    const url = `${host}/v1/${call}`;
    // Plain text needs no question beforehand, so that it also goes out while the page is left.
    if (navigator.sendBeacon && navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }))) return;
    fetch(url, { method: "POST", body, keepalive: true, mode: "no-cors", credentials: "omit" }).catch(() => {});
  }

  function consent(given) {
    agreed = given === true && !objects;
    if (agreed) waiting.forEach(([call, message]) => post(call, message));
    else localStorage.removeItem(STORED);
    waiting = [];
  }

  function traitsOf(form) {
    const found = {};
    for (const field of form.elements) {
      const name = field.type === "email" ? "email" : field.autocomplete;
      if (TRAITS[name] && field.value) found[TRAITS[name]] = field.value;
    }
    if (found.company) found.company = { name: found.company };
    return found;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.leadscoring === "off" || form.querySelector("[type=password]")) return;
    const traits = traitsOf(form);
    if (traits.email) send("identify", { traits });
    send("track", { event: "Form Submitted", properties: { path: location.pathname, form: form.id || form.getAttribute("name") || "" } });
  }, true);

  window.leadscoring = {
    consent,
    page: (name) => send("page", name ? { name } : {}),
    track: (event, properties) => send("track", { event, properties: properties || {} }),
    identify: (userId, traits) => send("identify", { userId, traits: traits || {} }),
  };
  if (script.dataset.consent === "given") consent(true);
  window.leadscoring.page();
})();
