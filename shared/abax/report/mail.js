// Lights the sentence that a claim rests on, and the claims that rest on a sentence; finds messages by words.
(() => {
  "use strict";

  const light = (at, on) => {
    const one = at instanceof Element ? at.closest("[data-e]") : null;
    if (!one) return;
    const other = one.matches("mark") ? "a" : "mark";
    const mail = one.closest(".mail");
    for (const number of one.dataset.e.split(" ")) {
      for (const found of mail.querySelectorAll(`${other}[data-e~="${number}"]`)) found.classList.toggle("lit", on);
    }
    one.classList.toggle("lit", on);
  };
  for (const [what, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(what, (event) => light(event.target, on));
  }

  const form = document.querySelector(".find");
  if (!form) return;
  const [words, person] = form.querySelectorAll("input");
  const told = form.querySelector("output");
  const rows = [...document.querySelectorAll("tr[data-of]")].map((row) => {
    const mail = document.getElementById(row.dataset.of);
    return { row, mail, text: `${row.textContent} ${mail ? mail.textContent : ""}`.toLowerCase() };
  });
  const sift = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { row, mail, text } of rows) {
      const shown = wanted.every((word) => text.includes(word)) && (!person.checked || "person" in row.dataset);
      row.hidden = !shown;
      if (mail) mail.hidden = !shown;
      count += shown;
    }
    told.textContent = count === rows.length ? "" : `${count} of ${rows.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", sift);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
