// Every page works without this. It adds keys to lists: j and k go through rows, Enter opens, x marks.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") && event.key !== "Escape") return;
  const list = document.querySelector("[data-keys]");
  if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...list.querySelectorAll("tbody tr")];
  const at = rows.indexOf(document.activeElement.closest("tr"));
  const go = (to) => rows[to]?.querySelector("a, input, button")?.focus();
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(Math.max(0, at - 1));
  else if (event.key === "x" && at >= 0) rows[at].querySelector("input[type=checkbox]")?.click();
  else return;
  event.preventDefault();
});
