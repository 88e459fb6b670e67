import { constants, lstatSync } from "node:fs";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { Command } from "commander";
import { CommandFailure } from "./failure";

const views = join(__dirname, "../../views");
const mostNamed = 5;

/** The host's own copy of our pages, to change as it likes. */
export const eject = (): Command =>
  new Command("eject")
    .description("copies the library's views, to be changed and named in the option `views`")
    .argument("[folder]", "where to", "views/two-factor")
    .option("--force", "overwrite files that are there already")
    .action(async (folder: string, { force = false }: { force?: boolean }) => {
      const entries = await readdir(views, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ejs"))
        .map(({ parentPath, name }) => relative(views, join(parentPath, name)));
      const there = files.filter((file) => isThere(join(folder, file)));
      if (there.length > 0 && !force) throw wouldOverwrite(folder, there);
      await copyAll(files, folder, force);
      console.log(`Copied ${files.length} files to ${resolve(folder)}.`);
      console.log(
        `Set the option views: ${JSON.stringify(folder)} (from the folder that the app is started in), and delete`,
      );
      console.log("the views that you leave as they are: the library's own take their place. The stylesheet stays the");
      console.log("library's; link one of yours in layout.ejs.");
    });

/** A link that leads nowhere is there, too. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

/** All or nothing: a folder with half of the views would be taken for all of them. */
async function copyAll(files: readonly string[], folder: string, force: boolean): Promise<void> {
  const made: string[] = [];
  try {
    for (const file of files) {
      const target = join(folder, file);
      const isNew = !isThere(target);
      await mkdir(dirname(target), { recursive: true });
      // Exclusive: somebody may have made the file since we looked.
      await copyFile(join(views, file), target, force ? 0 : constants.COPYFILE_EXCL);
      if (isNew) made.push(target);
    }
  } catch (error) {
    await Promise.all(made.map((target) => rm(target, { force: true })));
    throw error;
  }
}

function wouldOverwrite(folder: string, there: readonly string[]): CommandFailure {
  const named = there.slice(0, mostNamed).join(", ") + (there.length > mostNamed ? " …" : "");
  return new CommandFailure(
    `${resolve(folder)} has ${there.length} of these files already (${named}). Nothing was copied; --force overwrites them.`,
  );
}
