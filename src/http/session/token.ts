import type { Request } from "express";
import type { Slot, Slots } from "./slots";

/** What a client without cookies sends along: the newest token that an answer told it. */
const header = "two-factor";
/** Node takes 16 KB of headers, all together. */
const longest = 8192;
const places = ["proof", "pending", "remember", "known"] as const;

interface Carrying {
  /** As a cookie, it is read as the request brought it, whatever the answer takes along. */
  brought: readonly string[];
  texts: string[];
  isChanged: boolean;
}

/** One text for all of a client's, as JSON answers tell it. What is in it is bound to what it is for, wherever it stands. */
export function createToken(): Slots {
  const requests = new WeakMap<Request, Carrying>();

  function carriedBy(req: Request): Carrying {
    const known = requests.get(req);
    if (known !== undefined) return known;
    const brought = textsOf(req);
    const carrying = { brought, texts: [...brought], isChanged: false };
    requests.set(req, carrying);
    return carrying;
  }

  const slot = (place: (typeof places)[number]): Slot => {
    const at = places.indexOf(place);
    const put = (req: Request, text: string) => {
      const carrying = carriedBy(req);
      carrying.texts[at] = text;
      carrying.isChanged = true;
    };
    return {
      read: (req) => carriedBy(req).brought[at] || undefined,
      readAll: (req) => [carriedBy(req).brought[at] ?? ""].filter(Boolean),
      send: (req, _res, value) => put(req, value),
      clear: (req) => put(req, ""),
    };
  };

  return {
    remember: slot("remember"),
    known: slot("known"),
    lastUsed: { read: () => undefined, readAll: () => [], send: () => undefined, clear: () => undefined },
    proof: slot("proof"),
    pending: slot("pending"),
    isInBody: true,
    told(req) {
      const { texts, isChanged } = carriedBy(req);
      return isChanged ? { token: texts.join("~") } : {};
    },
  };
}

/** Cut, or longer than any of ours: as if there were none. */
function textsOf(req: Request): string[] {
  const given = [req.headers[header]].flat().join("");
  const texts = given.length > longest ? [] : given.split("~");
  return texts.length === places.length ? texts : places.map(() => "");
}
