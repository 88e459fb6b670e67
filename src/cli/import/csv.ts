import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CommandFailure } from "../failure";

export type Row = ReadonlyMap<string, string>;

/**
 * The rows of a CSV file (RFC 4180) with a head line; separated by commas, semicolons or tabs, whichever its head has.
 * @throws CommandFailure for what is no such file, by its line
 */
export async function* csvRows(file: string): AsyncIterable<Row> {
  if (!(await stat(file)).isFile())
    throw new CommandFailure(`${file} is no file. It is read twice, so a pipe will not do.`);
  let head: string[] | undefined;
  for await (const { fields, line } of records(file)) {
    if (fields.length === 1 && fields[0] === "") continue;
    if (head === undefined) {
      head = fields.map((name) => name.trim());
      continue;
    }
    if (fields.length !== head.length) {
      throw new CommandFailure(`Line ${line} of ${file} has ${fields.length} fields, and its head ${head.length}.`);
    }
    yield new Map(head.map((name, index) => [name, fields[index] ?? ""]));
  }
  if (head === undefined)
    throw new CommandFailure(`${file} is empty: it needs a head line with the names of its columns.`);
}

async function* records(file: string): AsyncIterable<{ fields: string[]; line: number }> {
  const reader = new RecordReader();
  // The stream keeps characters whole that lie on the edge of two chunks.
  const stream = createReadStream(file, { encoding: "utf8" });
  for await (const chunk of stream) yield* reader.read(chunk as string);
  yield* reader.end(file);
}

/** A quoted field may hold separators, quotes written twice, and line ends; so a record may be many lines. */
class RecordReader {
  #separator: string | undefined;
  #fields: string[] = [];
  #field = "";
  #isQuoted = false;
  /** The character before was a quote within a quoted field: its end, or the first of two. */
  #afterQuote = false;
  #isFirst = true;
  #line = 1;
  #begun = 1;

  *read(chunk: string): Iterable<{ fields: string[]; line: number }> {
    for (const character of this.#isFirst ? chunk.replace(/^\uFEFF/, "") : chunk) {
      if (character === "\n") this.#line += 1;
      const ended = this.#take(character);
      if (ended !== undefined) yield ended;
    }
    this.#isFirst = false;
  }

  *end(file: string): Iterable<{ fields: string[]; line: number }> {
    if (this.#isQuoted && !this.#afterQuote) {
      throw new CommandFailure(
        `${file} ends within a quoted field, which begins in the record of line ${this.#begun}.`,
      );
    }
    if (this.#field !== "" || this.#fields.length > 0) yield this.#endRecord();
  }

  #take(character: string): { fields: string[]; line: number } | undefined {
    if (this.#isQuoted && !this.#afterQuote) {
      if (character === '"') this.#afterQuote = true;
      else this.#field += character;
      return undefined;
    }
    if (this.#afterQuote) {
      this.#afterQuote = false;
      if (character === '"') {
        this.#field += '"';
        return undefined;
      }
      this.#isQuoted = false;
    }
    if (character === '"' && this.#field === "") {
      this.#isQuoted = true;
      return undefined;
    }
    if (character === "\n") return this.#endRecord();
    if (character === "\r") return undefined;
    if (this.#isSeparator(character)) {
      this.#fields.push(this.#field);
      this.#field = "";
    } else this.#field += character;
    return undefined;
  }

  /** The first of them that the head has. */
  #isSeparator(character: string): boolean {
    if (this.#separator === undefined && /[,;\t]/.test(character)) this.#separator = character;
    return character === this.#separator;
  }

  #endRecord(): { fields: string[]; line: number } {
    const ended = { fields: [...this.#fields, this.#field], line: this.#begun };
    this.#fields = [];
    this.#field = "";
    this.#isQuoted = false;
    this.#begun = this.#line;
    return ended;
  }
}
