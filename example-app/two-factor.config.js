// What `npx express-two-factor` reads in this folder: the same options as the site's, on the same store, with its mails.
// Build first (`npm run build`), and set the site's DATABASE_URL or REDIS_URL: the embedded database belongs to the one
// process that runs the site.
const { readConfig } = require("./dist/config.js");
const { openParts } = require("./dist/parts.js");
const { secondFactorOptions } = require("./dist/two-factor.js");

module.exports = async () => {
  const config = readConfig(process.env);
  const parts = await openParts(config, { print: console.error, log: console.error, onLost: () => process.exit(1) });
  const { members } = parts;
  return {
    options: secondFactorOptions(config, parts),
    findUser: (emailOrId) => members.all.find(({ email, id }) => email === emailOrId || id === emailOrId),
    close: parts.close,
  };
};
