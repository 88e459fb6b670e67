// The first part of both scripts. A form is sent once: who clicks twice has meant it once.
"use strict";
for (const card of document.querySelectorAll(".tf-card"))
  card.onsubmit = (event) => {
    const { target, timeStamp: at } = event;
    if (event.defaultPrevented || at < target.again) event.preventDefault();
    else target.again = at + 3e3;
  };
