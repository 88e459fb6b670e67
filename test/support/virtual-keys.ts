import type { CDPSession, Page } from "playwright-core";

export interface VirtualKey {
  session: CDPSession;
  id: string;
}

/** A key of Chromium's own (WebAuthn's automation API): `usb` lies on a key ring, `internal` is the device. */
export async function plugIn(page: Page, kind: "usb" | "internal", more: object = {}): Promise<VirtualKey> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId: id } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: kind,
      hasResidentKey: kind === "internal",
      hasUserVerification: kind === "internal",
      isUserVerified: kind === "internal",
      automaticPresenceSimulation: true,
      ...more,
    },
  });
  return { session, id };
}

export const credentialsOn = async ({ session, id }: VirtualKey): Promise<readonly unknown[]> =>
  (await session.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials;

export const unplug = ({ session, id }: VirtualKey): Promise<unknown> =>
  session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: id });

/** Nobody touches it. */
export const ignoreTouch = ({ session, id }: VirtualKey): Promise<unknown> =>
  session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: id, enabled: false });

/** As a copy of it would be that has been used less. */
export async function setBack({ session, id }: VirtualKey): Promise<void> {
  const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId: id });
  for (const credential of credentials) {
    const { credentialId } = credential;
    await session.send("WebAuthn.removeCredential", { authenticatorId: id, credentialId });
    await session.send("WebAuthn.addCredential", { authenticatorId: id, credential: { ...credential, signCount: 0 } });
  }
}
