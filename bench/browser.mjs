// One browser: its cookies, and requests as a front end makes them.
import { CLOCK_HEADER } from "./clock.mjs";

export class Browser {
  cookies = new Map();
  /** Of its own clock; a host that has bench/clock.mjs goes by it. */
  aheadMilliseconds = 0;

  /** @param url the process to ask, or a function that picks one for each request */
  constructor(url, onAnswer = () => undefined) {
    this.url = url;
    this.onAnswer = onAnswer;
  }

  /** @returns status 0 where no answer came: what then happened is unknown */
  async send(method, path, body) {
    const url = typeof this.url === "function" ? this.url() : this.url;
    try {
      const response = await fetch(url + path, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(30_000),
        headers: {
          accept: "application/json",
          [CLOCK_HEADER]: String(this.aheadMilliseconds),
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = await response.json().catch(() => ({}));
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        this.cookies.set(name, value);
      }
      this.onAnswer(response.status, answer);
      return { status: response.status, body: answer };
    } catch {
      this.onAnswer(0, {});
      return { status: 0, body: {} };
    }
  }

  get = (path) => this.send("GET", path);
  post = (path, body = {}) => this.send("POST", path, body);
  login = (id) => this.post("/login", { id });
  verify = (code) => this.post("/two-factor/verify", { code });
}
