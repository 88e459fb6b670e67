import type { Server } from "node:http";
import { connect, type AddressInfo } from "node:net";

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** Sends a request exactly as written: what no HTTP client would let one write. */
export function sendRaw(server: Pick<Server, "address">, lines: readonly string[], body = ""): Promise<RawAnswer> {
  const [start = "", ...headers] = lines;
  const request = [start, "Host: localhost", "Connection: close", ...headers, "", body].join("\r\n");
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(parse(Buffer.concat(chunks).toString("latin1"))));
    // Not `end`: a half-closed connection counts as an aborted request.
    socket.write(request, "latin1");
  });
}

function parse(answer: string): RawAnswer {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.replace(/^[^:]*:\s*/, "")]);
  return {
    status: Number(status.split(" ")[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: rest.join("\r\n\r\n"),
  };
}

/** The cookies that an answer sets, as the next request sends them. */
export function cookiesOf(answer: { headers: Record<string, unknown> }): string {
  const set = (answer.headers["set-cookie"] ?? []) as string[];
  return [set]
    .flat()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}
