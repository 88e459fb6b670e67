// Asks a security key at a click, and sends its answer with its form.
"use strict";
(() => {
  const find = (what, within = document) => within.querySelector(what);
  const [box, gone, Key] = [find("[data-tf-key]"), find("[data-tf-signal]"), window.PublicKeyCredential];
  if (gone) Key?.signalUnknownCredential?.(JSON.parse(gone.dataset.tfSignal)).catch(() => {});
  try {
    if (!box || !Key || !top.location.href) return;
  } catch {
    return;
  }

  const { adds, renew, purpose, ...data } = box.dataset;
  const [form, status] = [box.closest("form"), find("[role=status]", box)];
  let options = JSON.parse(data.options);
  let goodUntil = performance.now() + data.valid * 1000;
  let busy = false;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt());
  const listed = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const text = (buffer) => {
    const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return base64.replace(/[+/=]/g, (c) => ({ "+": "-", "/": "_" })[c] || "");
  };

  async function fresh() {
    const body = new URLSearchParams(new FormData(form));
    for (const name of ["code", "key", "name", "response"]) body.delete(name);
    if (purpose) body.set("for", purpose);
    const answer = await fetch(renew, { method: "POST", headers: { Accept: "application/json" }, body });
    options = (await answer.json()).publicKey;
    goodUntil = performance.now() + 2e5;
  }

  function ask() {
    const { user, allowCredentials: allowed, excludeCredentials: known } = options;
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (!adds) return navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials: listed(allowed) } });
    Object.assign(publicKey, { user: { ...user, id: bytes(user.id) }, excludeCredentials: listed(known) });
    return navigator.credentials.create({ publicKey });
  }

  function json({ id, type, response: from }) {
    const response = adds ? { transports: from.getTransports?.() } : {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (from[part]) response[part] = text(from[part]);
    return JSON.stringify({ id, rawId: id, type, clientExtensionResults: {}, response });
  }

  async function use(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    status.textContent = data.waiting;
    try {
      if (performance.now() > goodUntil) await fresh();
      find("[type=hidden]", box).value = json(await ask());
      const code = find("[name=code]", form);
      if (code) code.value = "";
      form.submit();
    } catch ({ name }) {
      status.textContent = data[name] || data.failed;
      busy = false;
    }
  }

  if (adds) form.onsubmit = use;
  else find("button", box).onclick = use;
  window.onpageshow = () => (busy = false);
  box.hidden = false;
  find("#tf-key-unable").hidden = true;
})();
