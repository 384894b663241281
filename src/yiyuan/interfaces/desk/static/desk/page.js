// Batch bar, dialogs, print button, error focus. Pages work without it; CSP allows no inline code, so all is here.
"use strict";

(() => {
  const yuan = (fen) =>
    `${Math.trunc(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;

  const startBatch = (bar) => {
    const form = bar.closest("form");
    const boxes = [...form.querySelectorAll(".queue tbody .tick input")];
    const all = form.querySelector("[data-pick-all]");
    const show = () => {
      const picked = boxes.filter((box) => box.checked);
      const fen = picked.reduce((sum, box) => sum + Number(box.dataset.fen || 0), 0);
      bar.hidden = picked.length === 0;
      form.querySelectorAll("[data-batch-count]").forEach((place) => { place.textContent = picked.length; });
      form.querySelectorAll("[data-batch-sum]").forEach((place) => { place.textContent = yuan(fen); });
      if (all) {
        all.firstElementChild.checked = picked.length > 0 && picked.length === boxes.length;
        all.firstElementChild.indeterminate = picked.length > 0 && picked.length < boxes.length;
      }
    };
    const tickEvery = (checked) => {
      boxes.forEach((box) => { box.checked = checked; });
      show();
    };
    bar.querySelector(".batch-plain").hidden = true;
    bar.querySelector("[data-batch-words]").hidden = false;
    bar.querySelector("[data-batch-money]").hidden = !boxes.some((box) => box.dataset.fen);
    const clear = bar.querySelector("[data-batch-clear]");
    clear.hidden = false;
    clear.addEventListener("click", () => { tickEvery(false); boxes[0]?.focus(); });
    if (all) {
      all.hidden = boxes.length === 0;
      all.firstElementChild.addEventListener("change", (event) => tickEvery(event.target.checked));
    }
    form.addEventListener("change", show);
    show();
  };

  document.querySelectorAll("[data-batch]").forEach((bar) => { if (bar.closest("form")) startBatch(bar); });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog[open]")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    if (event.target.closest("[data-print]")) window.print();
    // A menu closes when something else is pressed, or with Escape.
    document.querySelectorAll(".drop[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".drop[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  document.querySelector("[data-focus]")?.focus();
})();
