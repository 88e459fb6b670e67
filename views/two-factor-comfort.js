// Comfort, with the option `script`; all works without. Words come with the page.
(() => {
  const { locale, localTimes } = document.currentScript.dataset;
  const all = (what) => document.querySelectorAll(what);

  const day = { year: "numeric", month: "short", day: "numeric" };
  const clock = { hour: "numeric", minute: "2-digit" };
  const shown = { day, clock, time: { ...day, ...clock } };
  // As src/locales/dates.ts writes them; in the reader's own zone, which needs no name.
  const written = (at, format) =>
    new Intl.DateTimeFormat(locale, format)
      .formatToParts(at)
      .map(({ type, value }) => (type === "day" && value === "1" && locale.startsWith("fr") ? "1er" : value))
      .join("")
      .replace(/\sг\./, "\u00a0г.");
  if (localTimes)
    for (const time of all("time[data-tf-shows]"))
      time.textContent = written(new Date(time.dateTime), shown[time.dataset.tfShows]);

  const sizes = [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  for (const left of all("[data-tf-left]")) {
    const until = Date.now() + left.dataset.tfLeft * 1e3;
    const sentence = left.closest("p");
    // What ticks is not read out; the end is, by the region around it.
    left.setAttribute("role", "timer");
    left.setAttribute("aria-live", "off");
    if (!sentence.closest("[role=alert], [role=status]")) sentence.setAttribute("role", "status");
    const tick = () => {
      const wait = until - Date.now();
      const seconds = Math.ceil(wait / 1e3);
      if (seconds <= 0) return void (sentence.textContent = left.dataset.tfOver);
      const [size, unit] = sizes.find(([size]) => seconds >= 1.5 * size) || [1, "second"];
      left.textContent = new Intl.RelativeTimeFormat(locale).format(Math.ceil(seconds / size), unit);
      setTimeout(tick, wait % 1e3 || 1e3);
    };
    tick();
  }

  for (const button of all("#tf-print")) {
    button.hidden = false;
    button.onclick = () => print();
  }
  // Browsers have no clipboard on http.
  for (const button of navigator.clipboard ? all("[data-tf-copy]") : []) {
    button.hidden = false;
    button.onclick = async () => {
      const what = document.querySelector(button.dataset.tfCopy);
      try {
        await navigator.clipboard.writeText(what.innerText.replace(/ /g, ""));
        button.parentNode.querySelector("[role=status]").textContent = button.dataset.done;
      } catch {
        getSelection().selectAllChildren(what); // Ctrl+C is left to do.
      }
    };
  }
})();
