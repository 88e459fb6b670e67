export { oathtoolCode, scanQr } from "./authenticator";
export { launchChromium } from "./chromium";
export { databaseForThisTest, freshDatabase, freshMariadb, freshRedis, redisForThisTest } from "./fresh";
export { mariadbSql, startMariadb } from "./mariadb";
export { nginxBefore } from "./nginx";
export { sql, startPostgres } from "./postgres";
export { startRedis } from "./redis";
