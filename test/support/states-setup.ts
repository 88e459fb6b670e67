import { beforeEach } from "vitest";
import { state } from "./states";
import { holdsInstead } from "./without-sessions";

const nameOf = ({ name, suite }: { name: string; suite?: { name: string; suite?: unknown } | undefined }): string =>
  suite === undefined ? name : `${nameOf(suite as Parameters<typeof nameOf>[0])} ${name}`;

beforeEach(({ task, skip }) => {
  const holds = holdsInstead(state, task.file.filepath, nameOf(task));
  if (holds !== undefined) skip(holds);
});
