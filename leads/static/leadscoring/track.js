// The website snippet: page views and forms to /v1/, once the visitor agrees. Nothing is stored or sent before.
// <script src="…/track.js" data-write-key="ls_…" defer></script>; data-consent="given" where it isn't asked.
(() => {
  const script = document.currentScript;
  const key = script.dataset.writeKey;
  const host = new URL(script.src).origin;
  const STORED = "leadscoring_anonymous_id";
  const MOST_WAITING = 100;
  // Of a form only these fields are ever read.
  const TRAITS = { email: "email", "given-name": "firstName", "family-name": "lastName", tel: "phone", organization: "company" };
  const SECRET = '[type="password"], [autocomplete*="password"], [autocomplete*="one-time-code"]';
  const objects = navigator.globalPrivacyControl === true || ["1", "yes"].includes(navigator.doNotTrack || window.doNotTrack);
  let agreed;
  let waiting = [];
  let ownId = "";

  const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`);

  // Where a browser stores nothing, the visitor is somebody else on the next page.
  function stored(use) {
    try {
      return use(localStorage);
    } catch {
      return null;
    }
  }

  function anonymousId() {
    ownId = stored((kept) => kept.getItem(STORED)) || ownId || newId();
    stored((kept) => kept.setItem(STORED, ownId));
    return ownId;
  }

  // What stands behind the question mark may be anything, even a form: only campaigns are told.
  function bare(address) {
    if (!address) return "";
    const url = new URL(address);
    url.search = new URLSearchParams([...url.searchParams].filter(([name]) => name.startsWith("utm_"))).toString();
    url.hash = url.username = url.password = "";
    return url.href;
  }

  function send(call, said) {
    if (objects || !key || agreed === false) return;
    const page = { path: location.pathname, url: bare(location.href), title: document.title, referrer: bare(document.referrer) };
    const message = { context: { page }, ...said, messageId: newId(), timestamp: new Date().toISOString() };
    if (agreed) post(call, message);
    else if (waiting.length < MOST_WAITING) waiting.push([call, message]);
  }

  function post(call, message) {
    const body = JSON.stringify({ ...message, anonymousId: anonymousId(), sentAt: new Date().toISOString(), writeKey: key });
    const url = `${host}/v1/${call}`;
    // Plain text needs no question beforehand, so that it also goes out while the page is left.
    if (navigator.sendBeacon && navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }))) return;
    fetch(url, { method: "POST", body, keepalive: true, mode: "no-cors", credentials: "omit" }).catch(() => {});
  }

  function consent(given) {
    agreed = given === true && !objects;
    if (agreed) waiting.forEach(([call, message]) => post(call, message));
    else {
      ownId = "";
      stored((kept) => kept.removeItem(STORED));
    }
    waiting = [];
  }

  function traitsOf(form) {
    const found = {};
    for (const field of Array.from(form.elements)) {
      const name = field.type === "email" ? "email" : String(field.autocomplete).split(" ").pop();
      if (TRAITS[name] && field.value) found[TRAITS[name]] = field.value;
    }
    if (found.company) found.company = { name: found.company };
    return found;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("data-leadscoring") === "off" || form.querySelector(SECRET)) return;
    const traits = traitsOf(form);
    if (traits.email) send("identify", { traits });
    const name = form.getAttribute("id") || form.getAttribute("name") || "";
    send("track", { event: "Form Submitted", properties: { path: location.pathname, form: name } });
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
