/** A wish to stop, which long work looks at between two steps. */
export interface Interrupt {
  readonly asked: boolean;
}

/** The first SIGINT or SIGTERM is a wish; a second one ends the process as ever. */
export function onInterrupt(): Interrupt {
  let asked = false;
  const ask = () => {
    asked = true;
    process.off("SIGINT", ask).off("SIGTERM", ask);
  };
  process.on("SIGINT", ask).on("SIGTERM", ask);
  return {
    get asked() {
      return asked;
    },
  };
}
