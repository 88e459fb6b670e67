export { oathtoolCode, scanQr } from "./authenticator";
export { launchChromium, launchProfile } from "./chromium";
export { databaseForThisTest, freshDatabase, freshMariadb, freshRedis, redisForThisTest } from "./fresh";
export { mariadbSql } from "./mariadb";
export { nginxBefore } from "./nginx";
export { sql } from "./postgres";
export { startMariadb, startPostgres, startRedis } from "../../../scripts/servers.mjs";
