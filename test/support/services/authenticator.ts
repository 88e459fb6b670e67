import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureServices } from "../../../scripts/services.mjs";

const run = promisify(execFile);

/** The code that an authenticator shows: reckoned by oathtool, which shares no line with what is under test. */
export async function oathtoolCode(base32Secret: string, at: Date = new Date(), digits = 6): Promise<string> {
  const time = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  // The secret goes in by stdin: arguments are visible to every user of the machine, and habits are copied from tests.
  const { stdout } = await withInput(
    ensureServices().oathtool,
    ["--totp", "--base32", `--digits=${digits}`, `--now=${time}`, "-"],
    base32Secret,
  );
  return stdout.trim();
}

/** What a phone's camera reads from the picture. */
export async function scanQr(png: Buffer): Promise<string> {
  const { stdout } = await withInput(
    ensureServices().zbarimg,
    ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "png:-"],
    png,
  );
  return stdout.trim();
}

function withInput(
  command: string,
  args: string[],
  input: string | Buffer,
): Promise<{ stdout: string; stderr: string }> {
  const running = run(command, args);
  running.child.stdin?.end(input);
  return running;
}
