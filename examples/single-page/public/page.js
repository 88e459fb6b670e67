import { twoFactorClient } from "express-two-factor/client";

const client = twoFactorClient();
const find = (selector) => document.querySelector(selector);
const views = [...document.querySelectorAll("form, section")];

/** Shows one view and hides the others. */
function show(id, message = "") {
  for (const view of views) view.hidden = view.id !== id;
  find("[role=alert]").textContent = message;
  for (const input of document.querySelectorAll("input[name=code]")) input.value = "";
  find(`#${id} input`)?.focus();
}

/** The server says what is still owed, so each step asks it. */
async function goOn() {
  const answer = await fetch("/api/me");
  const body = await answer.json();
  if (answer.ok) {
    find("#home h1").textContent = `Hello ${body.email}`;
    show("home");
  } else if (body.code === "TWO_FACTOR_REQUIRED") show("verify");
  else if (body.code === "TWO_FACTOR_SETUP_REQUIRED") await setUp();
  else show("login");
}

async function setUp(message) {
  const setup = await client.beginSetup();
  if (!setup.ok) return show("login", wordsFor(setup));
  find("#setup img").src = setup.qrCode;
  find("#setup code").textContent = setup.secret;
  show("setup", message);
}

function showRecoveryCodes(codes) {
  const items = codes.map((code) => Object.assign(document.createElement("li"), { textContent: code }));
  find("#recovery-codes ul").replaceChildren(...items);
  show("recovery-codes");
}

/** A problem of the second factor in words. Whose login is over begins again. */
function refused(problem, view) {
  const isOver = ["UNAUTHORIZED", "LOGIN_SESSION_EXPIRED"].includes(problem.code);
  show(isOver ? "login" : view, wordsFor(problem));
}

function wordsFor(problem) {
  switch (problem.code) {
    case "INVALID_2FA_CODE":
      return `Wrong code. Tries left: ${problem.attemptsRemaining}.`;
    case "CODE_ALREADY_USED":
      return "That code was used already. Wait for the next one.";
    case "NETWORK_FAILURE":
      return "The site does not answer. Try again.";
    default:
      return problem.detail ?? "That did not work. Try again."; // the server's words, in the visitor's language
  }
}

/** The button does nothing while an answer is awaited, so that nothing is sent twice. */
async function busy(button, act) {
  button.disabled = true;
  try {
    await act();
  } catch {
    find("[role=alert]").textContent = "The site does not answer. Try again.";
  } finally {
    button.disabled = false;
  }
}

function onSubmit(id, act) {
  find(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(find(`${id} button`), () => act(Object.fromEntries(new FormData(event.target))));
  });
}

function onClick(id, act) {
  find(id).addEventListener("click", (event) => void busy(event.currentTarget, act));
}

onSubmit("#login", async (fields) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/api/login", { method: "POST", headers, body: JSON.stringify(fields) });
  if (answer.ok) await goOn();
  else show("login", "Email or password is wrong.");
});
onSubmit("#verify", async ({ code }) => {
  const done = await client.verify(code);
  if (done.ok) await goOn();
  else refused(done, "verify");
});
onSubmit("#setup", async ({ code }) => {
  const done = await client.confirmSetup(code);
  if (done.ok) showRecoveryCodes(done.recoveryCodes);
  else if (done.code === "SETUP_SESSION_EXPIRED") await setUp("This took too long. Scan the new picture.");
  else refused(done, "setup");
});
onClick("#recovery-codes button", goOn);
onClick("#home button", async () => {
  await fetch("/api/logout", { method: "POST" });
  await goOn();
});

await goOn();
