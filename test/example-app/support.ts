import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty directory, gone when the test is over. */
export async function directoryForThisTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "example-app-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
