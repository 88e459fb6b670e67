// Makes the pages of docs that tell what the sources say: npm run api
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./reference/api.mjs";
import { root } from "./reference/types.mjs";
import { viewsPage } from "./reference/views.mjs";

writeFileSync(join(root, "docs/api.md"), apiPage());
writeFileSync(join(root, "docs/views.md"), viewsPage());
