/** A real server of a test's own, which the test may kill, stop and start again on the same port with the same data. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** As a power cut or the out-of-memory killer does it: SIGKILL, no goodbye. */
  kill9(): Promise<void>;
  /** Starts it again after `kill9` (or stops it in good order first): same port, same data directory. */
  restart(): Promise<void>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
