export { oathtoolCode, scanQr } from "./authenticator";
export { launchChromium } from "./chromium";
export { databaseForThisTest, freshDatabase, freshRedis, redisForThisTest } from "./fresh";
export { nginxBefore } from "./nginx";
export { sql, startPostgres } from "./postgres";
export { startRedis } from "./redis";
