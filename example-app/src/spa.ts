import { dirname, join } from "node:path";
import express, { Router } from "express";
import { showPage } from "./answers";

/**
 * The same site as a single page: everything over JSON, with the library's own client. The page is a shell that tells
 * nothing of anybody, so it stands before the gate, as a front end's files do.
 */
export function spaRoutes(): Router {
  const router = Router();
  // A browser needs the ES module; what this file would be given by `require` is its CommonJS twin.
  const modules = join(dirname(require.resolve("express-two-factor/package.json")), "dist", "esm");
  router.use("/static/express-two-factor", express.static(modules, { index: false }));
  router.get("/spa", (_req, res) => showPage(res, "spa", {}));
  return router;
}
