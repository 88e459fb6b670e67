/** Where a rule says something of sessions, or is tried with one: what holds instead, by file and a part of the title. */
interface Instead {
  file: RegExp;
  title?: RegExp;
  /** Of one of the two alone. */
  state?: "cookie" | "token";
  holds: string;
}

const other = "test/security/37-hosts-without-sessions.test.ts";

const instead: readonly Instead[] = [
  {
    file: /./,
    title: /processes|PostgreSQL|MariaDB|Redis/,
    holds: "What is over processes is in the record, and tried with a session.",
  },
  {
    file: /\/(12-|36-malformed|24-)/,
    title: /malformed|in any field|texts that look alike/i,
    holds: "What is malformed is answered before a login is read, and whose a record is does not depend on the login.",
  },
  {
    file: /36-keys-come-and-go/,
    title: /who hangs up before/,
    holds:
      "It hangs up by hand, with the cookie of a session; that nothing is written for who has gone is decided with the record.",
  },
  {
    file: /\/17-/,
    holds: `There is no id to change and no session to touch. The proof is a text of its own, which nobody has who knew the login before; a logout ends it in the record: ${other}`,
  },
  {
    file: /01-gate/,
    title: /stops every way to write an address|mounted before the login is read|without a session/,
    holds: `Nobody else can name the user, so whom the gate does not see is nobody; \`loginId\` has to answer for whom it sees: ${other}`,
  },
  {
    file: /\/(01-(a-part|gate|links)|05-)/,
    title:
      /to files and to routes|who has proven it|through nginx|by what is asked for|in a sub-app|stops every|guards a|Nothing learnt|matches exactly/,
    state: "token",
    holds:
      "Where the gate stands, and for which addresses, is decided before it reads what a client carries: it is tried with cookies.",
  },
  {
    file: /06-one-place/,
    title: /identity provider has a factor/,
    state: "token",
    holds: `What satisfy keeps is told by the answer of the login: ${other}`,
  },
  { file: /25-a-fault/, state: "token", holds: `What satisfy keeps is told by the answer of the login: ${other}` },
  {
    file: /16-whose-code/,
    title: /never from the request/,
    state: "token",
    holds: "Its requests bring the header of another login, which is then whose they are.",
  },
  {
    file: /19-remember/,
    state: "token",
    holds: `It looks at the cookie. The same text is a part of the token: ${other}`,
  },
  {
    file: /04-way-back/,
    title: /never another site|checked again when it is used/,
    holds:
      "It looks into the session. The way back is sealed, so nobody writes one but the gate, which is tried with a session.",
  },
  {
    file: /16-whose-code/,
    title: /seen leaving|somebody else's session was given/,
    holds: `What is kept opens for one user and one login, so nothing has to be wiped: ${other}`,
  },
  {
    file: /19-remember/,
    title: /is set with care/,
    holds: `The host speaks no HTTPS, and its browser keeps what is Secure: ${other}`,
  },
  {
    file: /20-pending/,
    title: /through passport|in the host's own way|stays due where|from the first request/,
    holds: `endLogin is the host's, which has no session to end. Where it does nothing, the login stays ended: ${other}`,
  },
  {
    file: /20-logout/,
    title: /its own check refuses/,
    state: "token",
    holds: `What satisfy keeps is told by the answer of the login: ${other}`,
  },
  {
    file: /21-pages|29-known|36-keys-and/,
    title: /opens no path of this site|set up a first key|6\. a key counts/,
    state: "token",
    holds: "It looks at cookies, or compares whole answers, of which each tells a token of its own.",
  },
  { file: /03-answers/, title: /redirects a navigation/, state: "token", holds: `No answer is a page: ${other}` },
  {
    file: /20-pending/,
    title: /without a loop/,
    holds: `A login that has ended stays ended until the next one: ${other}`,
  },
  {
    file: /20-logout/,
    title: /asynchronous user that fails|proof goes at once|through passport/,
    holds: `It looks into the session. A logout ends the proof in the record, and what is owed is bound to the login: ${other}`,
  },
  { file: /21-pages/, title: /a session is no place/, holds: "It looks into the session." },
  {
    file: /25-mistakes/,
    title: /session has the user|nothing is said of strangers|with one path/,
    holds: "Its hosts have sessions.",
  },
  {
    file: /27-dead/,
    title: /leaves the remembered browser's cookie out/,
    holds: `A thief can leave out whatever the client carries. With \`loginAt\`, no login of before the reset sets up: ${other}`,
  },
];

export function holdsInstead(state: string, file: string, title: string): string | undefined {
  const row = instead.find(
    (one) => one.file.test(file) && (one.title?.test(title) ?? true) && (one.state ?? state) === state,
  );
  return row?.holds;
}
