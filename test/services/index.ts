export { oathtoolCode, scanQr } from "./authenticator";
export { launchChromium } from "./chromium";
export { databaseForThisTest, freshDatabase, freshRedis, redisForThisTest } from "./fresh";
export { sql, startPostgres } from "./postgres";
export { startRedis } from "./redis";
