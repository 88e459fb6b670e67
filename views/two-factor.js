// For security keys; all else works without.
(() => {
  const find = (what) => document.querySelector(what);
  const [box, gone, Key] = [find("[data-tf-key]"), find("[data-tf-signal]"), window.PublicKeyCredential];
  if (gone) Key?.signalUnknownCredential?.(JSON.parse(gone.dataset.tfSignal)).catch(() => {});
  if (!box || !Key || (top !== self && !frameElement)) return;

  const { adds, renew, purpose, ...data } = box.dataset;
  const [form, field, status] = [box.closest("form"), ...box.querySelectorAll("[type=hidden], [role=status]")];

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt());
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/[+/=]/g, (c) => ({ "+": "-", "/": "_" })[c] || "");
  const read = (json) =>
    JSON.parse(json, function (name, value) {
      return name === "challenge" || (name === "id" && (this.type || this.displayName)) ? bytes(value) : value;
    });
  let publicKey = read(data.options);
  let until = Date.now() + data.valid * 1e3;
  let busy = false;
  async function fresh() {
    const body = new URLSearchParams(new FormData(form));
    if (purpose) body.set("for", purpose);
    const answer = await fetch(renew, { method: "POST", headers: { Accept: "application/json" }, body });
    ({ publicKey } = read(await answer.text()));
    until = Date.now() + 2e5;
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
      if (Date.now() > until) await fresh();
      const made = await navigator.credentials[adds ? "create" : "get"]({ publicKey });
      field.value = json(made);
      if (form.code) form.code.value = "";
      form.submit();
    } catch ({ name }) {
      status.textContent = data[name] || data.failed;
      busy = false;
    }
  }

  if (adds) form.onsubmit = use;
  else find("#use-security-key").onclick = use;
  addEventListener("pageshow", () => (busy = false));
  box.hidden = false;
  find("#tf-key-unable").hidden = true;
})();
