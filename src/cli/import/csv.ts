import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CommandFailure, printable } from "../failure";

export type Row = ReadonlyMap<string, string>;

/**
 * The rows of a CSV file (RFC 4180) with a head line; separated by commas, semicolons or tabs, whichever its head has.
 * @param required columns without which it is not the file that was meant
 * @throws CommandFailure for what is no such file, by its line
 */
export async function* csvRows(file: string, required: readonly string[] = []): AsyncIterable<Row> {
  if (!(await stat(file)).isFile())
    throw new CommandFailure(`${file} is no file. It is read twice, so a pipe will not do.`);
  let head: string[] | undefined;
  for await (const { fields, line } of records(file)) {
    if (fields.length === 1 && fields[0] === "") continue;
    if (head === undefined) {
      head = fields.map((name) => name.trim());
      requireHead(file, head, required);
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

/** Also of a file without rows: that there is nobody to import is good news only where it is the right file. */
function requireHead(file: string, head: readonly string[], required: readonly string[]): void {
  const twice = head.find((name, index) => name !== "" && head.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new CommandFailure(`${file} has two columns ${printable(twice)}: which of them is meant, nobody can tell.`);
  }
  requireColumns(head, required);
}

/** @throws CommandFailure where some are not there */
export function requireColumns(there: readonly string[], required: readonly string[]): void {
  const missing = required.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  throw new CommandFailure(
    `There is no column ${missing.join(", ")}; there are ${there.map(printable).join(", ") || "none"}.`,
  );
}

async function* records(file: string): AsyncIterable<{ fields: string[]; line: number }> {
  const reader = new RecordReader();
  // It keeps characters whole that lie on the edge of two chunks, and refuses what is none: a name read wrong is another id.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const textOf = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw notUtf8(file, reader.line + lineOfFault(bytes));
    }
  };
  for await (const chunk of createReadStream(file)) yield* reader.read(textOf(chunk as Buffer));
  yield* reader.read(textOf());
  yield* reader.end(file);
}

const notUtf8 = (file: string, line: number): CommandFailure =>
  new CommandFailure(`Line ${line} of ${file} is not UTF-8: save it as UTF-8 (spreadsheets call it "CSV UTF-8").`);

/** Lines of what was read at once before the one that is no UTF-8; the chunk before may have begun its first character. */
function lineOfFault(bytes: Buffer = Buffer.alloc(0)): number {
  let begin = 0;
  while (begin < 3 && ((bytes[begin] ?? 0) & 0xc0) === 0x80) begin += 1;
  for (let lines = 0; ; lines += 1) {
    const end = bytes.indexOf(10, begin);
    const line = bytes.subarray(begin, end === -1 ? undefined : end + 1);
    if (end === -1 || !isUtf8(line)) return lines;
    begin = end + 1;
  }
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
  /** Of the character that comes next. */
  line = 1;
  #begun = 1;
  /** The character before was a carriage return, which ends a line alone, or with a line feed. */
  #afterReturn = false;

  *read(chunk: string): Iterable<{ fields: string[]; line: number }> {
    for (const character of this.#isFirst ? chunk.replace(/^\uFEFF/, "") : chunk) {
      const isSecond = character === "\n" && this.#afterReturn;
      this.#afterReturn = character === "\r";
      if ((character === "\n" || character === "\r") && !isSecond) this.line += 1;
      const ended = isSecond && !this.#isWithinQuotes() ? undefined : this.#take(character);
      if (ended !== undefined) yield ended;
    }
    this.#isFirst = false;
  }

  #isWithinQuotes(): boolean {
    return this.#isQuoted && !this.#afterQuote;
  }

  *end(file: string): Iterable<{ fields: string[]; line: number }> {
    if (this.#isWithinQuotes()) {
      throw new CommandFailure(
        `${file} ends within a quoted field, which begins in the record of line ${this.#begun}.`,
      );
    }
    if (this.#field !== "" || this.#fields.length > 0) yield this.#endRecord();
  }

  #take(character: string): { fields: string[]; line: number } | undefined {
    if (this.#isWithinQuotes()) {
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
    if (character === "\n" || character === "\r") return this.#endRecord();
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
    this.#begun = this.line;
    return ended;
  }
}
