/** What these tests use of oidc-provider 9, which comes without types. */
declare module "oidc-provider" {
  import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

  export interface Context {
    path: string;
    method: string;
    body: unknown;
    oidc?: { route?: string };
  }

  export interface Interaction {
    uid: string;
    prompt: { name: string; details: Record<string, unknown> };
    params: { client_id: string; claims?: string };
    session?: { accountId: string };
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly Grant: new (fields: { accountId: string; clientId: string }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
    callback(): RequestListener;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): void;
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<Interaction>;
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: Record<string, unknown>): Promise<void>;
  }

  interface Checks {
    remove(name: string): void;
  }
  export const interactionPolicy: { base(): { get(prompt: "login"): { checks: Checks } } & object[] };
}

declare module "oidc-provider/lib/adapters/memory_adapter.js" {
  const MemoryAdapter: new () => object;
  export default MemoryAdapter;
}
