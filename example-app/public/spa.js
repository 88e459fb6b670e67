// oxlint-disable-next-line import/no-absolute-path -- an address of this site, not a file
import { twoFactorClient } from "/static/express-two-factor/client/index.js";

// Where one is, is what the server says: each step asks it, and shows the template that fits.
const client = twoFactorClient();
const root = document.getElementById("spa");

/** Shows a template, and hands out its parts. */
function show(name, wire) {
  root.replaceChildren(document.getElementById(name).content.cloneNode(true));
  const find = (selector) => root.querySelector(selector);
  find("[data-sign-out]")?.addEventListener("click", signOut);
  wire(find);
  const alert = find("form [role=alert]");
  for (const input of root.querySelectorAll("form input")) input.setAttribute("aria-describedby", alert.id);
  nameTab();
  (find("input") ?? find("h1")).focus();
}

const site = document.title.split(" – ").at(-1);

/** The tab says where one is, and whether something is wrong. */
function nameTab() {
  const heading = root.querySelector("h1").textContent;
  const isWrong = root.querySelector("[role=alert]")?.textContent;
  document.title = `${isWrong ? "Error: " : ""}${heading} – ${site}`;
}

/** Beside the field that it is about, which has the focus. */
function tell(problem) {
  root.querySelector("[role=alert]").textContent = problem;
  const field = [...root.querySelectorAll("form input")].at(-1);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  nameTab();
}

/** What happened and what to do next, by the problem's code. */
function words(problem) {
  switch (problem.code) {
    case "INVALID_2FA_CODE":
      return `That code is wrong. Tries left: ${problem.attemptsRemaining}.`;
    case "CODE_ALREADY_USED":
      return "That code was used already. Wait for the next one.";
    case "VALIDATION_ERROR":
      return "That is no code: it has six digits, a recovery code sixteen letters and digits.";
    case "TOO_MANY_ATTEMPTS":
      if (problem.reason === "too-soon") return `Too often. Try again in ${problem.retryAfterSeconds} seconds.`;
      return problem.retryAfterSeconds === undefined
        ? "Too many wrong codes. Ask for a reset."
        : `Too many wrong codes. Try again in ${problem.retryAfterSeconds} seconds.`;
    case "SETUP_SESSION_EXPIRED":
      return "This took too long. Scan the new picture.";
    case "LOGIN_SESSION_EXPIRED":
    case "UNAUTHORIZED":
      return "Please sign in again.";
    case "NETWORK_FAILURE":
      return "The site does not answer. Try again.";
    default:
      return problem.detail ?? "That did not work. Try again.";
  }
}

function onSubmit(find, act) {
  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = find("form button");
    button.disabled = true;
    const problem = await act(Object.fromEntries(new FormData(event.target)));
    button.disabled = false;
    if (problem) tell(problem);
  });
}

function showSignIn(message = "") {
  show("sign-in", (find) => {
    find("[role=alert]").textContent = message;
    onSubmit(find, async (fields) => {
      const answer = await post("/login", fields);
      if (answer === undefined) return "The site does not answer. Try again.";
      if (!answer.ok)
        return answer.status === 401 ? "Email or password is wrong." : "That did not work. Try again later.";
      const { requiresOtp, requiresOtpSetup } = await answer.json();
      return requiresOtp ? showCode() : requiresOtpSetup ? showSetup() : showHome();
    });
  });
}

/** With the last recovery code come new ones, to be shown now or never. */
const showSignedIn = (done) => (done.recoveryCodes ? showRecoveryCodes(done) : showHome());

async function showCode(after = showSignedIn, act = (code) => client.verify(code, { newRecoveryCodes: true })) {
  const challenge = await client.challenge();
  show("code", (find) => {
    if (!challenge.ok) find("[role=alert]").textContent = words(challenge);
    if (challenge.ok && challenge.accepts.directCode) {
      find("[data-hint]").textContent = "We have sent you a code.";
      find("[data-send]").hidden = false;
      find("[data-send]").addEventListener("click", async () => {
        const sent = await client.sendCode();
        find("[role=alert]").textContent = sent.ok ? "A new code is on its way." : words(sent);
      });
    }
    onSubmit(find, async ({ code }) => {
      const done = await act(code);
      if (done.ok) return after(done);
      if (done.code === "LOGIN_SESSION_EXPIRED" || done.code === "UNAUTHORIZED") return showSignIn(words(done));
      return words(done);
    });
  });
}

async function showSetup(message = "") {
  const setup = await client.beginSetup();
  if (!setup.ok) return setup.code === "UNAUTHORIZED" ? showSignIn(words(setup)) : showHome(words(setup));
  show("setup", (find) => {
    find("[data-qr]").src = setup.qrCode;
    find("[data-app]").href = setup.otpauthUri;
    find("#two-factor-secret").textContent = setup.secret.match(/.{4}/g).join(" ");
    find("[role=alert]").textContent = message;
    onSubmit(find, async ({ code }) => {
      const done = await client.confirmSetup(code);
      if (done.ok) return showRecoveryCodes(done);
      return done.code === "SETUP_SESSION_EXPIRED" ? showSetup(words(done)) : words(done);
    });
  });
}

function showRecoveryCodes({ recoveryCodes }) {
  show("recovery-codes", (find) => {
    const items = recoveryCodes.map((code) => {
      const item = document.createElement("li");
      item.dataset.recoveryCode = "";
      item.textContent = code;
      return item;
    });
    find("[data-codes]").replaceChildren(...items);
    find("[data-on]").addEventListener("click", () => showHome());
  });
}

/** Asks first, in words: what is lost. Nothing is done before the button is pressed. */
function showConfirm({ question, lost, yes }, act, after) {
  show("confirm", (find) => {
    find("[data-question]").textContent = question;
    find("[data-lost]").textContent = lost;
    const button = find("[data-yes]");
    button.textContent = yes;
    button.addEventListener("click", async () => {
      button.disabled = true;
      const problem = await change(act, after);
      button.disabled = false;
      if (problem) tell(problem);
    });
    find("[data-no]").addEventListener("click", () => showHome());
  });
}

/** A change takes a code unless the proof is recent: then it is asked for. */
async function change(act, after) {
  const done = await act();
  if (done.ok) await after(done);
  else if (done.code === "TWO_FACTOR_REQUIRED") await showCode(after, act);
  else return words(done);
  return "";
}

async function showHome(message = "") {
  const status = await client.status();
  if (!status.ok) return status.code === "TWO_FACTOR_REQUIRED" ? showCode() : showSignIn();
  show("home", (find) => {
    find("[data-state]").textContent = status.enabled
      ? `Two-factor authentication is on. Recovery codes left: ${status.recoveryCodesRemaining}.`
      : "Two-factor authentication is off.";
    find("[role=alert]").textContent = message;
    offer(find("[data-set-up]"), !status.enabled, () => showSetup());
    offer(find("[data-regenerate]"), status.enabled, () =>
      showConfirm(
        {
          question: "Get new recovery codes?",
          lost: "Your old recovery codes stop working. The new ones are shown once.",
          yes: "Get new codes",
        },
        (code) => client.regenerateRecoveryCodes(code),
        showRecoveryCodes,
      ),
    );
    offer(find("[data-forget]"), status.browsers.length > 0, () =>
      showConfirm(
        {
          question: "Forget all browsers?",
          lost: "Signing in needs a code again everywhere, and all other sessions are asked for one.",
          yes: "Forget all",
        },
        (code) => client.forgetBrowsers({ code }),
        () => showHome(),
      ),
    );
    offer(find("[data-disable]"), status.enabled, () =>
      showConfirm(
        {
          question: "Turn off two-factor authentication?",
          lost: `Your password alone then opens your account. Your authenticator, recovery codes and remembered browsers are removed.${
            status.required ? " Your account needs it, so you will be asked to set it up again." : ""
          }`,
          yes: "Turn off",
        },
        (code) => client.disable(code),
        () => showHome(),
      ),
    );
  });
}

function offer(button, shown, act) {
  button.hidden = !shown;
  button.addEventListener("click", act);
}

async function signOut() {
  await post("/logout", {});
  showSignIn();
}

function post(path, fields) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(fields) }).catch(() => undefined);
}

await showHome();
