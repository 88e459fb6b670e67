import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ensureServices } from "../../../scripts/services.mjs";
import { onFreePort, startProcess } from "../../../scripts/servers.mjs";

/**
 * A real proxy before a server, until the test is over. With `path` in `proxy_pass` nginx decodes and resolves an address
 * before it passes it on; without, it passes on what was sent.
 * `tls`: as proxies are that a host trusts.
 * @returns its port
 */
export async function nginxBefore(server: Server, path: "" | "/" = "", { tls = false } = {}): Promise<number> {
  const { nginx } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-nginx-"));
  const { port: behind } = server.address() as AddressInfo;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join("\n");
  const certificate = join(__dirname, "../../journeys/fixtures/localhost");
  const [ssl, outside] = tls
    ? [
        " ssl",
        `ssl_certificate ${certificate}.crt; ssl_certificate_key ${certificate}.key;
        proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;`,
      ]
    : ["", ""];
  const { port, running } = await onFreePort(async (candidate) => {
    const file = join(directory, "nginx.conf");
    await writeFile(
      file,
      `daemon off; worker_processes 1; pid ${directory}/pid; error_log stderr notice;
      events {}
      http { ${temporary} access_log off;
        ${outside}
        server { listen 127.0.0.1:${candidate}${ssl}; location / { proxy_pass http://127.0.0.1:${behind}${path}; } }
      }`,
    );
    const command = [nginx, "-e", "stderr", "-p", directory, "-c", file];
    return {
      port: candidate,
      running: await startProcess(command, { ready: /start worker process /, cwd: directory, endsBy: "TERM" }),
    };
  });
  onTestFinished(async () => {
    await running.end("SIGTERM");
    await rm(directory, { recursive: true, force: true });
  });
  return port;
}
