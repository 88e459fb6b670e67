import type { Response } from "express";

/** Answers that have not ended yet, and some that have: with each that comes, a few of those go. */
export class AnswersUnderWay {
  readonly #answers: Response[] = [];
  #next = 0;

  /** Two looks for one that comes keep up with those that end; more after a rush. */
  add(answer: Response): void {
    for (let looks = 2 + (this.#answers.length >> 6); looks > 0 && this.#answers.length > 0; looks -= 1) {
      this.#next = (this.#next + 1) % this.#answers.length;
      const { writableFinished, destroyed } = this.#answers[this.#next] as Response;
      if (!writableFinished && !destroyed) continue;
      const last = this.#answers.pop() as Response;
      if (this.#next < this.#answers.length) this.#answers[this.#next] = last;
    }
    this.#answers.push(answer);
  }

  [Symbol.iterator](): Iterator<Response> {
    return this.#answers.values();
  }
}
