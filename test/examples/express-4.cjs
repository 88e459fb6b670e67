// Loaded before an example (`node --require`): the same file then runs on Express 4.
/** @type {any} */
const Module = require("node:module");

const resolve = Module._resolveFilename;
/** @param {string} request @param {unknown[]} rest */
Module._resolveFilename = (request, ...rest) => resolve(request === "express" ? "express4" : request, ...rest);
