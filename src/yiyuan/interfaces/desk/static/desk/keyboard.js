// Keyboard: / find, j k rows, Enter open, x pick, ? help, and the letters named in aria-keyshortcuts.
// Single letters can be switched off (WCAG 2.1.4); the choice stays in this browser.
"use strict";

(() => {
  const STORE = "yiyuan.keys";
  const line = document.querySelector("[data-keys]");
  const help = document.getElementById("keys-help");
  if (!line || !help) return;

  const stored = () => { try { return localStorage.getItem(STORE); } catch { return null; } };
  const store = (value) => { try { localStorage.setItem(STORE, value); } catch { /* The choice lasts for this page. */ } };
  let isOn = stored() !== "off";
  let cursor = -1;

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const opens = (row) => row.querySelector("[data-open]") || row.querySelector("a[href], button");

  const mark = (row) => {
    document.querySelectorAll(".cursor").forEach((other) => other.classList.remove("cursor"));
    row.classList.add("cursor");
    cursor = rows().indexOf(row);
  };
  const move = (step) => {
    const all = rows();
    if (all.length === 0) return;
    const row = all[Math.min(all.length - 1, Math.max(0, cursor + step))];
    mark(row);
    opens(row)?.focus();
  };
  const pick = () => { rows()[cursor]?.querySelector(".tick input")?.click(); };
  const press = (key) => {
    const places = document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
    const place = [...places].find((one) => one.checkVisibility?.() ?? one.offsetParent !== null);
    place?.focus();
    place?.click();
    return Boolean(place);
  };

  const actions = {
    "/": () => document.getElementById("find")?.focus(),
    "j": () => move(1),
    "k": () => move(-1),
    "x": pick,
    "?": () => help.showModal(),
    "？": () => help.showModal(),
    "Enter": () => { const row = rows()[cursor]; if (row) opens(row)?.click(); },
  };

  const isBusy = (event) =>
    event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]") ||
    event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (!isOn || isBusy(event)) return;
    if (event.key === "Enter" && event.target !== document.body && !event.target.closest(".tick")) return;
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    } else if (/^[a-z]$/.test(event.key) && press(event.key)) {
      event.preventDefault();
    }
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (row) mark(row);
  });

  const button = line.querySelector("[data-keys-switch]");
  const words = { on: button.textContent, off: button.dataset.off };
  const show = () => {
    line.querySelectorAll("[data-keys-on]").forEach((part) => { part.hidden = !isOn; });
    button.textContent = isOn ? words.on : words.off;
  };
  button.addEventListener("click", () => {
    isOn = !isOn;
    store(isOn ? "on" : "off");
    show();
  });
  if (rows().length === 0) line.querySelector("[data-keys-rows]").remove();
  line.hidden = false;
  show();
})();
