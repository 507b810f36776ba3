// Everything works without this file. With it, pages stay current, texts are kept, and times tick.
"use strict";
(() => {
  const texts = document.getElementById("texts")?.content.firstElementChild.dataset ?? {};
  const $ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const say = (text) => { document.getElementById("said").textContent = text; };

  // --- the secret of a mail's link stands behind the # and never leaves the browser before the form is sent
  const token = document.querySelector("[data-token] [name=token]");
  if (token && location.hash.length > 1) {
    token.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
  document.getElementById("summary")?.focus();

  // --- remaining times: each minute, spoken at thresholds only
  const SPOKEN = [1440, 360, 60, 10];
  const shown = (minutes) => {
    const fr = document.documentElement.lang === "fr", days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60);
    if (days >= 3) return `${days}\u00a0${fr ? "jours" : "days"}` + (hours % 24 ? `\u00a0${hours % 24}\u00a0h` : "");
    if (hours) return `${hours}\u00a0h` + (minutes % 60 ? `\u00a0${String(minutes % 60).padStart(2, "0")}\u00a0min` : "");
    return minutes ? `${minutes}\u00a0min` : fr ? "moins d’une minute" : "less than a minute";
  };
  const tick = () => $("[data-until]").forEach((time) => {
    const rest = Date.parse(time.dataset.until) - Date.now(), minutes = Math.floor(rest / 60000);
    const place = time.querySelector("[data-rest]");
    if (rest <= 0) { place.textContent = texts.over; time.removeAttribute("data-until"); say(texts.over); news(); return; }
    if (place.textContent !== shown(minutes)) place.textContent = shown(minutes);
    if (SPOKEN.includes(minutes) && time.dataset.spoken !== String(minutes)) { time.dataset.spoken = minutes; say(`${texts.left} ${shown(minutes)}`); }
  });
  setInterval(tick, 15000);

  // --- one event stream a browser: a lock elects a tab, the others are told
  const news = () => document.body.dispatchEvent(new CustomEvent("news"));
  if (document.body.dataset.live && "locks" in navigator && "BroadcastChannel" in window) {
    const channel = new BroadcastChannel("releve-" + document.body.dataset.live);
    let waiting = 0;
    const soon = () => { clearTimeout(waiting); waiting = setTimeout(news, 150); };
    channel.onmessage = soon;
    navigator.locks.request("releve-stream-" + document.body.dataset.live, () => new Promise((release) => {
      const stream = new EventSource("/events");
      const heard = () => { channel.postMessage("news"); soon(); };
      for (const kind of ["notification", "changed", "read"]) stream.addEventListener(kind, heard);
      let wait = 0;  // after an outage all browsers reconnect at once: a random delay spreads their requests
      stream.addEventListener("began", () => { setTimeout(heard, Math.random() * wait); wait = 5000; });
      addEventListener("pagehide", () => { stream.close(); release(); }, { once: true });
    }));
  }

  // --- leaks are marked in the field: a mirror under a transparent text area; offsets are code points
  const marks = () => {
    const found = JSON.parse(document.querySelector("[data-leaks]")?.dataset.leaks || "[]");
    $("[data-mirror]").forEach((mirror) => {
      const text = document.getElementById(mirror.dataset.mirror).value, points = [...text];
      mirror.replaceChildren();
      let at = 0;
      for (const leak of found.filter((one) => one.field === mirror.dataset.mirror).sort((a, b) => a.start - b.start)) {
        if (leak.start < at || leak.end > points.length || points.slice(leak.start, leak.end).join("") !== leak.text) continue;
        mirror.append(points.slice(at, leak.start).join(""));
        const mark = document.createElement("mark");
        mark.textContent = points.slice(leak.start, leak.end).join("");
        if (!leak.certain) mark.className = "doubtful";
        mirror.append(mark);
        at = leak.end;
      }
      mirror.append(points.slice(at).join("") + "\n");
    });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-select]");
    if (!button) return;
    const field = document.getElementById(button.dataset.select);
    if (!field) return;
    const units = (count) => [...field.value].slice(0, count).join("").length;
    field.focus();
    field.setSelectionRange(units(+button.dataset.start), units(+button.dataset.end));
  });

  // --- advice while writing: the text is posted, never put into an address
  const form = document.querySelector("[data-advice]");
  if (form) {
    let pause = 0, running;
    const ask = async () => {
      running?.abort();
      running = new AbortController();
      try {
        const answer = await fetch(form.dataset.advice, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal });
        if (!answer.ok) return;
        document.getElementById("advice").innerHTML = await answer.text();
        marks();
      } catch { /* the page is as good without */ }
    };
    form.addEventListener("input", (event) => {
      if (event.target.matches("textarea")) marks();
      // a proposed topic that was ticked joins the chosen ones: the next advice replaces what stands beside the form
      if (event.target.matches("#advice [name=topics]:checked")) {
        const found = document.getElementById("found");
        let chosen = found.querySelector(".ticks:not([role])");
        if (!chosen) found.prepend(chosen = Object.assign(document.createElement("div"), { className: "ticks" }));
        chosen.append(event.target.closest("label"));
        event.target.focus();
      }
      if (!event.target.matches("#title, #brief, [name=topics], [name=confirmed]")) return;
      clearTimeout(pause);
      pause = setTimeout(ask, 600);
    });
    marks();
  }

  // --- drafts of quotes: at each pause in the account, at once on this device, until the quote is handed in
  const draft = document.querySelector("[data-draft]");
  if (draft) {
    const key = "draft:" + draft.dataset.draft, said = draft.querySelector("[data-draft-said]"), version = draft.elements._draft;
    const fields = ["proposal", "price", "days", "starts_on", "valid_until"];
    const read = () => Object.fromEntries(fields.map((name) => [name, draft.elements[name].value]));
    const same = (values) => JSON.stringify(values) === JSON.stringify(read());
    const write = (saved) => localStorage.setItem(key, JSON.stringify({ values: read(), version: version.value, saved }));
    let pause = 0, stopped = false, running, handing; // `handing`: the button of a quote that waits for the network
    const send = async () => {
      clearTimeout(pause);
      if (stopped) return;
      if (running) { later(); return; }
      running = new AbortController();
      const sent = read();
      try {
        const answer = await fetch(draft.dataset.keep, { method: "POST", body: new URLSearchParams(new FormData(draft)), signal: running.signal });
        if (answer.ok || answer.status === 409) {
          said.innerHTML = await answer.text();
          const kept = said.querySelector("[data-version]");
          if (kept) { version.value = kept.dataset.version; write(same(sent)); } else stopped = true;
        } else {
          said.textContent = `${texts.kept} ${new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })}`;
        }
      } catch { if (!stopped) said.textContent = texts.offline; }
      running = undefined;
    };
    const later = () => { clearTimeout(pause); pause = setTimeout(send, 1000); };
    // what the account does not have: typed without network or session, or what it had until the window ended
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    const missing = kept && (!kept.saved || (!version.value && !("quoted" in draft.dataset)));
    if (missing && !document.getElementById("summary") && !same(kept.values)) {
      for (const name of fields) draft.elements[name].value = kept.values[name];
      version.value = kept.saved ? "" : kept.version;
      said.textContent = texts.restored;
      later();
    } else if (kept && version.value && same(kept.values)) write(true);
    draft.addEventListener("input", () => { write(false); later(); });
    addEventListener("offline", () => { said.textContent = texts.offline; });
    addEventListener("online", () => (handing === undefined ? send() : draft.requestSubmit(handing)));
    addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
    if ("BroadcastChannel" in window) {
      const tabs = new BroadcastChannel(key);
      tabs.onmessage = (event) => { if (event.data === "open") tabs.postMessage("here"); if (!stopped) said.textContent = texts.other; };
      tabs.postMessage("open");
    }
    draft.addEventListener("submit", (event) => {
      const deed = event.submitter?.value;
      if (deed === "draft" && !stopped) { event.preventDefault(); send(); return; }
      if (deed === "theirs") { localStorage.removeItem(key); return; }
      write(false);
      if (navigator.onLine) { clearTimeout(pause); stopped = true; running?.abort(); return; }
      event.preventDefault();
      said.textContent = texts.offline;
      handing = event.submitter;
    });
  }
  const handed = document.querySelector("[data-receipt]");
  if (handed) {
    const project = JSON.parse(handed.dataset.receipt).terms.project_id;
    localStorage.removeItem(`draft:${document.body.dataset.live}:${project}`);
  }
  $("[data-leaving]").forEach((leaving) => leaving.addEventListener("submit", (event) => {
    const own = Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
    if (own.some((key) => !JSON.parse(localStorage.getItem(key)).saved) && !confirm(texts.leaving)) { event.preventDefault(); return; }
    own.forEach((key) => localStorage.removeItem(key));
  }));

  // --- a phone's photo is larger than what may be sent: it is made smaller here
  $("[data-most]").forEach((input) => input.addEventListener("change", async () => {
    const [file] = input.files, kept = new DataTransfer();
    if (!file || file.size <= input.dataset.most) return;
    try {
      const whole = await createImageBitmap(file);
      let small = file;
      for (let side = 1600; small.size > input.dataset.most; side /= 2) {
        const scale = Math.min(1, side / Math.max(whole.width, whole.height)), canvas = new OffscreenCanvas(whole.width * scale, whole.height * scale);
        canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
        small = await canvas.convertToBlob({ type: "image/jpeg", quality: .8 });
      }
      kept.items.add(new File([small], "photo.jpg", { type: small.type }));
      input.files = kept.files;
    } catch { /* no picture, or an old browser: the answer says so */ }
  }));

  // --- a receipt is checked on this device: SHA-256 over nonce and canonical JSON, and the signature (ES256)
  const canonical = (value) => Array.isArray(value) ? `[${value.map(canonical).join(",")}]`
    : value && typeof value === "object" ? `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`
    : JSON.stringify(value);
  const bytes = (hex) => Uint8Array.from(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const unsealed = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  document.querySelector("[data-verify]")?.addEventListener("click", async () => {
    const place = document.querySelector("[data-verified]");
    try {
      const receipt = JSON.parse(handed.dataset.receipt), terms = new TextEncoder().encode(canonical(receipt.terms));
      const nonce = bytes(receipt.nonce), whole = new Uint8Array(nonce.length + terms.length);
      whole.set(nonce); whole.set(terms, nonce.length);
      const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", whole))].map((one) => one.toString(16).padStart(2, "0")).join("");
      const [head, body, signature] = receipt.jws.split("."), header = JSON.parse(new TextDecoder().decode(unsealed(head)));
      const keys = (await (await fetch("/.well-known/receipts-jwks.json")).json()).keys, jwk = keys.find((one) => one.kid === header.kid);
      const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      const signed = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, unsealed(signature), new TextEncoder().encode(`${head}.${body}`));
      const claims = JSON.parse(new TextDecoder().decode(unsealed(body)));
      const holds = signed && digest === receipt.digest && claims.digest === digest && claims.project_id === receipt.terms.project_id;
      place.textContent = holds ? texts.true : texts.false;
    } catch { place.textContent = texts.unable; }
  });
})();
