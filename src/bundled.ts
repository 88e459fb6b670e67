import { TwoFactorError } from "./errors";

/** Our views are files beside our code, which hosts may replace by files of theirs: a bundle takes the code alone. */
export function bundled(cause?: unknown): TwoFactorError {
  return new TwoFactorError(
    "MISCONFIGURED",
    "express-two-factor was bundled without its views. Name it as external, and install it where the bundle runs: " +
      '--external:express-two-factor (esbuild), ssr.external: ["express-two-factor"] (Vite), externals (webpack), ' +
      'serverExternalPackages: ["express-two-factor"] (Next.js)',
    { cause },
  );
}

// A bundle that is an ES module has no `__dirname`, and no `require` for the modules of Node's that come next.
if (typeof __dirname === "undefined") throw bundled();
