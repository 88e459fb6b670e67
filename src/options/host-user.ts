/** What the option `user` is where the host says nothing. */
export const hostUser = (req: { user?: unknown }): unknown => req.user;

/** What the option `confirmFirstEnrolment` is where the host says nothing: then nobody need ask. */
export const noFirstDemand = (): "none" => "none";

/** Whom `recovery.allow` allows where the host says nothing. */
export const everybody = (): boolean => true;

export function hostLabel(user: unknown): string {
  const { email, username, id } = user as { email?: unknown; username?: unknown; id?: unknown };
  const names = [email, username, id].map((name) => (typeof name === "number" ? String(name) : name));
  return names.find((name): name is string => typeof name === "string" && name !== "") ?? "";
}
